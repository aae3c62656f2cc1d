#!/usr/bin/env python3
# Answers each question of the lobby once, whoever is killed: this program, netchat, or both.
# modes/bot/README.md, "Exactly once", says why.      answers.py HOST:PORT [NETCHAT]
import hashlib, json, subprocess, sys, time

def answer_to(question):
    return f"{len(question.split())} words: {question[:200].rstrip('?')}"

while True:
    netchat = subprocess.Popen(
        [sys.argv[2] if len(sys.argv) > 2 else "netchat", "bot", "--server", sys.argv[1],
         "--nick", "answers", "--stdin", "jsonl", "--ack", "--reconnect", "always"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    def do(**command):
        print(json.dumps(command), file=netchat.stdin, flush=True)
    try:
        for event in map(json.loads, netchat.stdout):
            if event["event"] == "refused":
                break  # the next run is told the question again
            if event["event"] not in ("message", "file"):
                continue
            if event["event"] == "message" and not event["own"] and event["text"].endswith("?"):
                asked = f'{event["room"]} {event["user"]} {event["id"] or event["seq"]}'
                do(do="say", room=event["room"], text=answer_to(event["text"]),
                   id="re-" + hashlib.sha256(asked.encode()).hexdigest()[:40])
            do(do="ack", room=event["room"], seq=event["seq"], id=event["id"])
    except (BrokenPipeError, ValueError):
        pass  # netchat was killed, in the middle of a line perhaps
    netchat.kill()
    if netchat.wait() == 64:
        sys.exit(64)
    time.sleep(0.5)
