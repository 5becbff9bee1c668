"""VK on loopback, with state: tokens, communities, albums, photos, uploads, walls, postponed posts, Callback.

    with FakeVk() as vk:                    # from tests.support.fakes.vk.fake; the fixture `vk` is one
        VkApi-under-test(base_url=vk.url)   # <base>/method/<name>; upload addresses lead to the fake too

There is one community from the start, GROUP_ID with SCREEN_NAME; USER_TOKEN is an administrator's (USER_ID) with all
rights, COMMUNITY_TOKEN the community's own. More: `vk.add_group(id, name, screen_name)`, `vk.add_user_token(user_id,
roles={GROUP_ID: EDITOR}, rights=…, expires_at=…, is_of_vk_id=…)` and `vk.add_community_token(group_id)`, which return
the token; `vk.revoke(token)`. An EDITOR's attachments vanish from posts, as they do at VK.

What people do in VK: `vk.add_album(title)`, `vk.add_photos(album, 2500)`, `vk.add_post(text, publish_at=…)`,
`vk.edit_post(post, text)`, `vk.delete_post(post)`, `vk.delete_album(album)`, `vk.delete_photo(photo)`. What is there:
`vk.posts()` and `vk.postponed()` of a wall, `vk.world` for all the rest.

What was asked: `vk.asked("wall.post")`, the parameters of each call; `vk.calls`, whole requests, uploads too;
`vk.most_in_a_second(token)`, how hard it was pressed. `vk.world.pace.is_enforced = True` refuses more than 3 or 20.

Time: `vk.pass_time(minutes=5)` moves the fake's clock (`vk.clock`), and postponed posts appear with a new id.

Troubles: `vk.misbehave(behaviour, …, on=of_method("wall.post"))` for the next calls, `vk.always(…)`, `vk.recover()`,
with the behaviours of tests.support.fakes.server and of tests.support.fakes.vk.troubles; `on=is_upload` for uploads,
`of_method("photos.get", offset=1000)` for one page of many.

Callback: servers come by groups.addCallbackServer or `vk.connect_callback(url, secret)`, which skips the confirmation.
Nothing is sent until `vk.callbacks.deliver()`, which returns the attempts with their answers; repetitions are due as
the clock moves (10 s, 3 min, …), `vk.callbacks.deliver_all()` moves it itself. `with vk.callbacks.delivering():` sends
meanwhile in the background. `vk.callbacks.emit(GROUP_ID, "postponed_new", {…}, event_id="e1")` sends anything, also
twice. `vk.callbacks.post = …` sends elsewhere than by HTTP, to a Flask test client say. What was given up is in
`vk.callbacks.lost`.

Every answer and event is checked against schemas.py. Where sources leave open what VK does, `vk.world.limits` and the
flags of World say what the fake does. Sources: VK's API schema 5.199, dev.vk.com on uploads, Callback, errors, tokens.
"""
