#include "modes/bot/steps.h"

#include <algorithm>
#include <cassert>

#include "modes/bot/compare.h"
#include "modes/bot/expecting.h"
#include "protocol/duration.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

Check now(Progress progress) {
    return [progress = std::move(progress)] { return progress; };
}

// A step's words with the variables filled in.
struct Filled {
    std::vector<std::string> args;
    std::string room;  // of -room=, or the bot's own
    std::string arg(size_t index) const {
        return index < args.size() ? args[index] : std::string();
    }
};

struct Context {
    World& world;
    const Step& step;
    Actor& bot;
    Filled filled;
};

Progress refusedBy(const EventRecord& event, int code) {
    std::string why = event.text.empty() ? event.code : event.text;
    return refused(code, "refused: " + forLog(why, 300) +
                             (event.code.empty() ? "" : " (" + forLog(event.code) + ")"));
}

// Looks at each event that comes after this moment, once, until one settles the step. Queued events
// are left for `expect`.
using Look = std::function<std::optional<Progress>(const EventRecord&)>;

Check afterNow(Actor& bot, std::string missing, Look look) {
    size_t next = bot.queue().end();
    return [&bot, next, missing = std::move(missing), look = std::move(look)]() mutable {
        const EventQueue& queue = bot.queue();
        for (next = std::max(next, queue.first()); next < queue.end();) {
            if (std::optional<Progress> settled = look(queue.at(next++))) return *settled;
        }
        return waiting(missing);
    };
}

bool isRefusal(const EventRecord& e, std::string_view verb) {
    return e.kind == EventKind::Refused && e.re == verb;
}

// The answer to a request that carries no id: verbs of a bot run one at a time.
Check answered(Context& c, std::string_view verb,
               std::function<bool(const EventRecord&)> isAnswer) {
    return afterNow(c.bot, "the server has not replied",
                    [verb = std::string(verb), isAnswer = std::move(isAnswer)](
                        const EventRecord& e) -> std::optional<Progress> {
                        if (isRefusal(e, verb)) return refusedBy(e, kNotHeld);
                        if (isAnswer(e)) return met();
                        return {};
                    });
}

// ---- talking

Check untilTaken(Context& c, const std::string& id, EventKind echo) {
    Check echoed = afterNow(c.bot, "the server has not accepted it",
                            [id, echo](const EventRecord& e) -> std::optional<Progress> {
                                if (e.id != id) return {};
                                if (e.kind == EventKind::Refused) return refusedBy(e, kNotHeld);
                                if (e.kind == EventKind::Confirmed) return met();
                                if (e.kind == echo && e.own) return met();
                                return {};
                            });
    if (!c.bot.classic()) return echoed;
    // Nothing comes back in the classic dialect: what the kernel has taken is said.
    return [echoed, &bot = c.bot] {
        Progress progress = echoed();
        bool written =
            progress.state == Progress::State::Waiting && bot.chat().unacknowledged() == 0;
        return written ? met() : progress;
    };
}

Check beginSay(Context& c) {
    return untilTaken(c, c.bot.chat().say(c.filled.room, c.filled.arg(0)), EventKind::Message);
}

Check beginTell(Context& c) {
    return untilTaken(c, c.bot.chat().tell(c.filled.arg(0), c.filled.arg(1)), EventKind::Private);
}

// ---- rooms and names

Check beginJoin(Context& c) {
    std::string room = c.filled.arg(0);
    if (Status status = checkRoom(room); !status)
        return now(refused(kNotHeld, status.error().text));
    Check check = answered(c, "join", [room](const EventRecord& e) {
        return e.kind == EventKind::Joined && e.room == room;
    });
    c.bot.chat().join(room, c.step.value);
    return check;
}

Check beginLeave(Context& c) {
    std::string room = c.filled.arg(0);
    Check check = answered(c, "leave", [room](const EventRecord& e) {
        return e.kind == EventKind::Left && e.room == room;
    });
    c.bot.chat().leave(room);
    return check;
}

Check beginNick(Context& c) {
    Check check =
        answered(c, "nick", [](const EventRecord& e) { return e.kind == EventKind::Named; });
    c.bot.chat().nick(c.filled.arg(0));
    return check;
}

Check beginWho(Context& c) {
    Check check = answered(
        c, "who", [](const EventRecord& e) { return e.kind == EventKind::Roster && !e.more; });
    c.bot.chat().who(c.filled.arg(0));
    return check;
}

Check beginRooms(Context& c) {
    Check check =
        answered(c, "rooms", [](const EventRecord& e) { return e.kind == EventKind::RoomList; });
    c.bot.chat().rooms();
    return check;
}

Check beginHistory(Context& c) {
    std::string room = c.filled.args.empty() ? c.bot.room() : c.filled.arg(0);
    Check check = answered(c, "history",
                           [](const EventRecord& e) { return e.kind == EventKind::HistoryEnd; });
    c.bot.chat().history(room, c.step.value.value_or(0), c.step.limit);
    return check;
}

Check beginOp(Context& c) {
    Check check = answered(
        c, "op", [](const EventRecord& e) { return e.kind == EventKind::Notice && e.re == "op"; });
    c.bot.chat().op(c.filled.arg(0), c.filled.arg(1), c.filled.arg(2));
    return check;
}

// ---- files

Check beginUpload(Context& c) {
    Result<std::string> id = c.bot.chat().upload(c.filled.room, c.filled.arg(0));
    if (!id) return now(refused(kFile, forLog(id.error().text, 300)));
    return afterNow(c.bot, "the upload has not finished",
                    [id = *id](const EventRecord& e) -> std::optional<Progress> {
                        if (e.id != id) return {};
                        if (e.kind == EventKind::Refused) return refusedBy(e, kFile);
                        if (e.kind == EventKind::Uploaded) return met();
                        return {};
                    });
}

std::optional<Progress> downloadSettled(const EventRecord& e, const std::string& sha256) {
    if (e.sha256 != sha256) return {};
    if (e.kind == EventKind::FileReceived) return met();
    if (e.kind == EventKind::FileFailed) return refusedBy(e, kFile);
    return {};
}

// Asks for the file as soon as its announcement is there.
Check beginGet(Context& c) {
    struct Asked {
        std::string sha256;
        size_t next = 0;
    };
    auto asked = std::make_shared<Asked>();
    return [&bot = c.bot, name = c.filled.arg(0), asked]() {
        if (asked->sha256.empty()) {
            const EventRecord* file = bot.announced(name);
            if (!file) return waiting("no file of this name was announced");
            asked->sha256 = file->sha256;
            asked->next = bot.queue().end();
            bot.chat().get(file->sha256, file->name, file->size);
        }
        const EventQueue& queue = bot.queue();
        for (asked->next = std::max(asked->next, queue.first()); asked->next < queue.end();) {
            if (auto settled = downloadSettled(queue.at(asked->next++), asked->sha256))
                return *settled;
        }
        return waiting("the file has not arrived");
    };
}

Check beginCompare(Context& c) {
    Result<Matcher> wanted = Matcher::make(c.step.expectation, c.world.variables);
    if (!wanted) return now(failed(kNotHeld, wanted.error().text));
    const EventRecord* file = c.bot.lastFile(*wanted);
    if (!file)
        return now(failed(kNotHeld, c.bot.name() + " has not received a file" +
                                        (c.step.expectation.filters.empty() ? "" : " like that") +
                                        "; use `expect file` before to wait for it"));
    Comparison result = compareFiles(file->path, c.filled.arg(0));
    switch (result.verdict) {
        case Comparison::Verdict::Equal:
            return now(met());
        case Comparison::Verdict::Different:
            return now(refused(kNotHeld, result.text));
        case Comparison::Verdict::Unreadable:
            break;
    }
    return now(failed(kFile, result.text));
}

// ---- coming and going

bool goneFor(Actor::State state) {
    return state == Actor::State::Away || state == Actor::State::Lost;
}

Check beginBye(Context& c) {
    c.bot.bye();
    return [&bot = c.bot] {
        if (bot.state() == Actor::State::Lost) return failed(kNoServer, bot.lostWhy());
        return goneFor(bot.state()) ? met() : waiting("the server has not said bye");
    };
}

Check beginDisconnect(Context& c) {
    c.bot.disconnect();
    return [&bot = c.bot] {
        return goneFor(bot.state()) ? met() : waiting("the connection has not ended");
    };
}

// A v2 bot in the lobby that can tell when a classic one has come; null for none.
Actor* witness(World& world) {
    for (const auto& actor : world.actors) {
        if (actor && !actor->classic() && actor->state() == Actor::State::Online &&
            actor->isIn(kLobby))
            return actor.get();
    }
    return nullptr;
}

// Whether the server knows these classic bots, as far as can be told.
Check classicSettled(World& world, const std::vector<Actor*>& bots) {
    Actor* sees = witness(world);
    std::vector<std::string> awaited;
    for (Actor* bot : bots) {
        if (bot->classic()) awaited.push_back(bot->chat().nickName());
    }
    if (awaited.empty()) return now(met());
    auto seen = [awaited](const EventRecord& e) mutable -> std::optional<Progress> {
        if (e.kind == EventKind::Presence && e.state == "joined") std::erase(awaited, e.from);
        if (awaited.empty()) return met();
        return {};
    };
    Check witnessed = sees ? afterNow(*sees, "", seen) : now(waiting());
    int64_t patience = sees ? kClassicWitnessMs : kClassicSettleMs;
    return [&world, witnessed, patience, since = std::optional<int64_t>()]() mutable {
        if (!since) since = world.nowMs();
        Progress progress = witnessed();
        return world.nowMs() - *since >= patience ? met() : progress;
    };
}

Check untilReady(World& world, std::vector<Actor*> bots) {
    Check settled = classicSettled(world, bots);
    return [bots = std::move(bots), settled] {
        for (Actor* bot : bots) {
            if (bot->state() == Actor::State::Lost)
                return failed(kNoServer, bot->name() + " " + bot->lostWhy());
        }
        for (Actor* bot : bots) {
            if (bot->refusedRoom())
                return failed(kNoServer, bot->name() + " could not join: " + *bot->refusedRoom());
            if (bot->state() != Actor::State::Online)
                return waiting(bot->name() + " is not connected yet");
            if (!bot->ready()) return waiting(bot->name() + " is not in its rooms yet");
        }
        return settled();
    };
}

Check beginReconnect(Context& c) {
    // One that comes back by itself may be there before the script asks.
    const bool mending = c.bot.state() == Actor::State::Mending;
    if (c.bot.state() == Actor::State::Online && c.bot.mended())
        return untilReady(c.world, {&c.bot});
    if (!goneFor(c.bot.state()) && !mending)
        return now(
            failed(kNotHeld, c.bot.name() + " is connected; use `disconnect` or `exit` first"));
    Check check = untilReady(c.world, {&c.bot});
    c.bot.reconnect();
    return check;
}

Check beginBots(World& world, const Script& script, const Step& step) {
    std::vector<Actor*> bots;
    std::vector<std::vector<std::string>> rooms;
    for (size_t index : step.bots) {
        bots.push_back(world.actors[index].get());
        rooms.emplace_back();
        for (const Template& room : script.bots[index].rooms) {
            Result<std::string> name = expand(room, world.variables);
            if (!name) return now(failed(kNotHeld, name.error().text));
            if (Status status = checkRoom(*name); !status)
                return now(failed(kNotHeld, status.error().text));
            rooms.back().push_back(*name);
        }
    }
    Check check = untilReady(world, bots);
    for (size_t i = 0; i < bots.size(); ++i) bots[i]->connect(rooms[i], world.since);
    return check;
}

Check beginExpect(Context& c) {
    Result<std::shared_ptr<Expecting>> expecting = Expecting::make(c.world, c.step, c.bot);
    if (!expecting) return now(failed(kNotHeld, expecting.error().text));
    return [expecting = *expecting] { return expecting->check(); };
}

// ---- the table

using Begin = Check (*)(Context&);

Begin beginOf(Verb verb) {
    switch (verb) {
        case Verb::Say:
            return beginSay;
        case Verb::Tell:
            return beginTell;
        case Verb::Join:
            return beginJoin;
        case Verb::Leave:
            return beginLeave;
        case Verb::Nick:
            return beginNick;
        case Verb::Who:
            return beginWho;
        case Verb::Rooms:
            return beginRooms;
        case Verb::History:
            return beginHistory;
        case Verb::Op:
            return beginOp;
        case Verb::Upload:
            return beginUpload;
        case Verb::Get:
            return beginGet;
        case Verb::Expect:
            return beginExpect;
        case Verb::Compare:
            return beginCompare;
        case Verb::Bye:
            return beginBye;
        case Verb::Disconnect:
            return beginDisconnect;
        case Verb::Reconnect:
            return beginReconnect;
        case Verb::Bots:
        case Verb::Set:
        case Verb::Print:
        case Verb::Sleep:
        case Verb::Exit:
            break;
    }
    return nullptr;
}

// Whether the step needs a server that listens at this moment.
bool needsConnection(Verb verb) {
    return verb != Verb::Expect && verb != Verb::Compare && verb != Verb::Reconnect;
}

Result<Filled> fill(const World& world, const Step& step, const Actor* bot) {
    Filled filled;
    for (const Template& arg : step.args) {
        Result<std::string> value = expand(arg, world.variables);
        if (!value) return value.error();
        filled.args.push_back(std::move(*value));
    }
    if (bot) filled.room = bot->room();
    if (!step.room) return filled;
    Result<std::string> room = expand(*step.room, world.variables);
    if (!room) return room.error();
    filled.room = std::move(*room);
    return filled;
}

Check beginPrint(World& world, const Step& step) {
    Result<std::string> line = expandShown(step.args.at(0), world.variables);
    if (!line) return now(failed(kNotHeld, line.error().text));
    const Outcome written = world.put(*line);
    return now(written.code == kMet ? met() : failed(written.code, written.text));
}

Check beginScriptStep(World& world, const Script& script, const Step& step, const Filled& filled) {
    switch (step.verb) {
        case Verb::Bots:
            return beginBots(world, script, step);
        case Verb::Set:
            if (step.value) {
                world.variables.emplace(step.name, filled.arg(0));
            } else {
                world.variables[step.name] = filled.arg(0);
            }
            if (world.variables.size() > kVariablesMax)
                return now(failed(kNotHeld, "a script can have at most 10,000 variables"));
            return now(met());
        case Verb::Print:
            return beginPrint(world, step);
        case Verb::Sleep:
            return [&world, until = world.nowMs() + static_cast<int64_t>(step.value.value_or(0))] {
                return world.nowMs() >= until ? met() : waiting();
            };
        default:
            return now(met());
    }
}

}  // namespace

Check beginStep(World& world, const Script& script, const Step& step) {
    Begin begin = beginOf(step.verb);
    Actor* bot = begin != nullptr ? world.actors[step.bots.at(0)].get() : nullptr;
    Result<Filled> filled = fill(world, step, bot);
    if (!filled) return now(failed(kNotHeld, filled.error().text));
    if (!begin) return beginScriptStep(world, script, step, *filled);
    assert(bot);  // a script's steps name bots of lines before them
    if (needsConnection(step.verb) && bot->state() == Actor::State::Lost)
        return now(failed(kNoServer, bot->name() + " " + bot->lostWhy()));
    if (needsConnection(step.verb) && bot->state() == Actor::State::Away)
        return now(failed(kNoServer, bot->name() + " is not connected; use `reconnect` first"));
    Context context{world, step, *bot, std::move(*filled)};
    return begin(context);
}

}  // namespace netchat::bot
