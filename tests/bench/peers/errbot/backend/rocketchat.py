"""The least of a Rocket.Chat backend for Errbot, which has none that is maintained.

One realtime connection to hear, one REST call to speak, and Errbot's own reconnects.
"""

import json
import os

import requests
import websocket
from errbot.backends.base import Message, Person, Room, RoomOccupant
from errbot.core import ErrBot

URL, USER, TOKEN, ROOM = (os.environ[f"BENCH_{name}"] for name in ("URL", "USER", "TOKEN", "ROOM"))


class RocketChatRoom(Room):
    def __init__(self, id):
        self.id = id

    def __str__(self):
        return self.id

    def __eq__(self, other):
        return str(self) == str(other)

    joined = exists = True
    topic = ""
    occupants = ()

    def join(self, username=None, password=None):
        pass

    def leave(self, reason=None):
        pass

    def create(self):
        pass

    def destroy(self):
        pass

    def invite(self, *people):
        pass


class RocketChatPerson(Person):
    def __init__(self, name):
        self.name = name

    @property
    def person(self):
        return self.name

    nick = fullname = aclattr = person

    @property
    def client(self):
        return ""

    @property
    def email(self):
        return ""

    def __str__(self):
        return self.name

    def __eq__(self, other):
        return str(self) == str(other)


class RocketChatOccupant(RocketChatPerson, RoomOccupant):
    def __init__(self, name, room):
        super().__init__(name)
        self._room = room

    @property
    def room(self):
        return self._room


class RocketChatBackend(ErrBot):
    def __init__(self, config):
        super().__init__(config)
        self.bot_identifier = RocketChatPerson("houston")
        self.session = requests.Session()
        self.session.headers.update({"X-User-Id": USER, "X-Auth-Token": TOKEN})

    @property
    def mode(self):
        return "rocketchat"

    def build_identifier(self, text):
        return RocketChatPerson(text)

    def build_reply(self, message, text=None, private=False, threaded=False):
        reply = self.build_message(text)
        reply.frm, reply.to = self.bot_identifier, message.frm.room
        return reply

    def prefix_groupchat_reply(self, message, identifier):
        pass

    def query_room(self, room):
        return RocketChatRoom(room)

    def rooms(self):
        return [RocketChatRoom(ROOM)]

    def change_presence(self, status=None, message=""):
        pass

    def send_message(self, message):
        super().send_message(message)
        body = {"message": {"rid": str(message.to), "msg": message.body}}
        self.session.post(f"{URL}/api/v1/chat.sendMessage", json=body, timeout=20)

    def serve_once(self):
        socket = websocket.create_connection(URL.replace("http", "ws", 1) + "/websocket")
        put = lambda frame: socket.send(json.dumps(frame))  # noqa: E731
        put({"msg": "connect", "version": "1", "support": ["1"]})
        put({"msg": "method", "id": "1", "method": "login", "params": [{"resume": TOKEN}]})
        try:
            while raw := socket.recv():
                frame = json.loads(raw)
                if frame.get("msg") == "ping":
                    put({"msg": "pong"})
                elif frame.get("msg") == "result":
                    sub = {"id": "2", "name": "stream-room-messages", "params": [ROOM, False]}
                    put({"msg": "sub", **sub})
                elif frame.get("msg") == "ready":
                    self.reset_reconnection_count()
                    self.connect_callback()
                elif frame.get("msg") == "changed":
                    self._heard(frame["fields"]["args"][0])
        finally:
            socket.close()
            self.disconnect_callback()
        return False

    def _heard(self, told):
        if told["u"]["_id"] == USER or told.get("t"):
            return
        room = RocketChatRoom(told["rid"])
        message = Message(told["msg"])
        message.frm, message.to = RocketChatOccupant(told["u"]["username"], room), room
        self.callback_message(message)
