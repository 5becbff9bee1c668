"""VK on loopback, with state: tokens, communities, albums, photos, uploads, walls, postponed posts.

    with FakeVk() as vk:                    # from tests.support.fakes.vk.fake; the fixture `vk` is one
        VkApi-under-test(base_url=vk.url)   # <base>/method/<name>; upload addresses lead to the fake too

There is one community from the start, GROUP_ID with SCREEN_NAME; USER_TOKEN is an administrator's (USER_ID) with all
rights, COMMUNITY_TOKEN the community's own. More: `vk.add_group(id, name, screen_name)`, `vk.add_user_token(user_id,
roles={GROUP_ID: EDITOR}, rights=…, expires_at=…, is_of_vk_id=…)` and `vk.add_community_token(group_id)`, which return
the token; `vk.revoke(token)`.

What people do in VK: `vk.add_album(title)`, `vk.add_photos(album, 2500)`, `vk.add_post(text, publish_at=…)`,
`vk.delete_post(post)`. What is there: `vk.posts()` and `vk.postponed()` of a wall, `vk.world` for all the rest.

What was asked: `vk.asked("wall.post")`, the parameters of each call; `vk.calls`, whole requests, uploads too.

Time: `vk.pass_time(minutes=5)` moves the fake's clock (`vk.clock`), and postponed posts appear with a new id.

Troubles: `vk.misbehave(behaviour, …, on=of_method("wall.post"))` for the next calls, `vk.always(…)`, `vk.recover()`,
with the behaviours of tests.support.fakes.server and of tests.support.fakes.vk.troubles; `on=is_upload` for uploads.

Where sources leave open what VK does, `vk.world.limits` and the flags of World say what the fake does. Sources:
VK's API schema 5.199, dev.vk.com on uploads, Callback, errors and tokens.
"""
