"""A CI on Python's own servers: answers each line, and closes the connection after a number of answers.

peer.py KIND PORT AFTER COUNTED IDS: KIND is `socketserver` or `asyncio`; AFTER is 0 for never; COUNTED is `lines` or `chats`; IDS is
`ids` or `no-ids`. Prints the time at which it listens, in ms since the epoch.
"""
import asyncio
import json
import socketserver
import sys
import time

KIND, PORT, AFTER, COUNTED, IDS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]


def answer(line):
    """The answer to a line, and whether it counts."""
    request = json.loads(line)
    kind = request["type"]
    types = {"chat": "chat_response", "ping": "pong"}
    reply = {"type": types.get(kind, f"{kind}_response"), "ai_id": "peer"}
    if kind == "chat":
        reply["content"] = request["content"]
    if IDS == "ids" and "request_id" in request:
        reply["request_id"] = request["request_id"]
    return json.dumps(reply).encode() + b"\n", COUNTED == "lines" or kind == "chat"


def listening():
    print("listening", time.time() * 1000, flush=True)


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        answered = 0
        for line in self.rfile:
            reply, counts = answer(line)
            self.wfile.write(reply)
            answered += counts
            if answered == AFTER:
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


async def handle(reader, writer):
    answered = 0
    while line := await reader.readline():
        reply, counts = answer(line)
        writer.write(reply)
        await writer.drain()
        answered += counts
        if answered == AFTER:
            break
    writer.close()


async def serve():
    server = await asyncio.start_server(handle, "127.0.0.1", PORT)
    listening()
    await server.serve_forever()


if KIND == "asyncio":
    asyncio.run(serve())
else:
    with Server(("127.0.0.1", PORT), Handler) as server:
        listening()
        server.serve_forever()
