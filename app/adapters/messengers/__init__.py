"""How alerts reach people who look at no page. What is asked of the network ends within five seconds."""
