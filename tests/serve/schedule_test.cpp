// The heart of the server's tests: clients of both dialects on one to three loops do random things
// in random order, over connections that take random numbers of bytes, and stall. In the end
// everything that was owed must have arrived, in one order, once, and nothing else.

#include <gtest/gtest.h>

#include <set>

#include "tests/protocol/random_bytes.h"
#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

struct Weight {
    size_t actors = 5;
    size_t steps = 120;
    size_t textMost = 60;    // of most texts
    size_t bigTextMost = 0;  // of some
    size_t fileMost = 3000;  // of a file
    bool logFails = false;   // now and then
    store::MemoryLimits limits = {};
};

enum class Ending {
    None,     // stays to the end
    Half,     // ends its direction, and reads on
    Bye,      // v2's way
    Aborted,  // the connection breaks
};

struct SaidText {
    std::string room, id, text;
};
struct SentTell {
    std::string to, id, text;
};
struct Offered {
    std::string room, id, name, bytes;
};
struct Asked {
    std::string sha;
    uint64_t at;
};

struct Actor {
    Peer* peer;
    Dialect dialect;
    std::string nick;
    Ending ending = Ending::None;
    bool sloth = false;   // reads nothing before the end
    std::string pending;  // written, and not yet with the server
    FrameStream frames;
    ClassicStream items;
    size_t parsed = 0;
    std::vector<Frame> got;
    std::vector<ClassicItem> gotItems;

    std::vector<SaidText> said;
    std::vector<SentTell> told;
    std::vector<Offered> offered;
    std::vector<Asked> asked;
    std::vector<std::string> classicLines;  // texts and file announcements, in order
    std::map<std::string, std::deque<std::optional<uint64_t>>> joins;
    size_t lastId = 0;
    std::string id() { return std::to_string(++lastId); }
};

class Schedule {
  public:
    Schedule(Random& random, Weight weight)
        : random_(random),
          weight_(weight),
          shards_(1 + random.upTo(2)),
          bench_({shards_, weight.limits}) {
        bench_.onEffects = [this](size_t shard, const EffectBatch& batch) { watch(shard, batch); };
        bench_.files.held = random.oneIn(2);
    }

    void run() {
        for (size_t i = 0; i < weight_.actors; ++i) addActor();
        for (size_t step = 0; step < weight_.steps; ++step) {
            doSomething();
            for (auto& actor : actors_) read(actor);
            if (::testing::Test::HasFailure()) return;
        }
        drain();
        for (auto& actor : actors_) {
            SCOPED_TRACE(actor.nick);
            actor.dialect == Dialect::V2 ? checkV2(actor) : checkClassic(actor);
            if (::testing::Test::HasFailure()) return dump(actor);
        }
        checkTells();
    }

  private:
    // ---- doing

    void addActor() {
        Actor actor;
        actor.peer = &bench_.connect(random_.upTo(shards_ - 1));
        actor.dialect = random_.oneIn(3) ? Dialect::Classic : Dialect::V2;
        actor.nick = "user" + std::to_string(actors_.size());
        actor.sloth = random_.oneIn(4);
        if (actor.sloth) actor.peer->stall();
        if (actor.dialect == Dialect::Classic) {
            actor.pending = field(actor.nick);
        } else {
            actor.pending = v2("netchat/2 nick:" + actor.nick);
            join(actor, "lobby");
        }
        actors_.push_back(std::move(actor));
    }

    void doSomething() {
        const size_t shard = random_.upTo(shards_ - 1);
        switch (random_.upTo(14)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return act(anyActor());
            case 4:
            case 5:
            case 6:
            case 7:
                return deliver(anyActor());
            case 8:
                return bench_.submit(shard);
            case 9:
                if (weight_.logFails && random_.oneIn(8)) bench_.log.failures = 1;
                return bench_.runHub(1 + random_.upTo(3));
            case 10:
                return bench_.apply(shard);
            case 11:
                return bench_.flush(shard);
            case 12:
                bench_.files.run(random_.upTo(3));
                return bench_.runPosted(shard);
            case 13:
                return turn(shard);
            default:
                return grant(anyActor());
        }
    }

    // As a loop does it.
    void turn(size_t shard) {
        bench_.runPosted(shard);
        bench_.submit(shard);
        bench_.runHub();
        for (size_t s = 0; s < shards_; ++s) {
            bench_.apply(s);
            bench_.flush(s);
        }
    }

    Actor& anyActor() { return actors_[random_.upTo(actors_.size() - 1)]; }
    std::string anyRoom() {
        static const std::string kRooms[] = {"lobby", "lobby", "a", "b"};
        return kRooms[random_.upTo(3)];
    }
    std::string anyText(const Actor& actor) {
        if (random_.oneIn(12)) return std::to_string(actor.said.size() + 10) + "%";
        std::string text = actor.nick + " " + std::to_string(actor.said.size()) + " ";
        const bool big = weight_.bigTextMost > 0 && random_.oneIn(2);
        return text + std::string(random_.upTo(big ? weight_.bigTextMost : weight_.textMost), 'x');
    }
    std::string anyBytes() {
        const size_t size = random_.upTo(random_.oneIn(3) ? weight_.fileMost : 50);
        std::string bytes(size, random_.byte());
        for (size_t i = 0; i < size; i += 1 + random_.upTo(99)) bytes[i] = random_.byte();
        return bytes;
    }

    void join(Actor& actor, const std::string& room) {
        std::optional<uint64_t> since;
        if (random_.oneIn(2)) since = random_.oneIn(2) ? 0 : random_.upTo(20);
        actor.joins[room].push_back(since);
        actor.pending +=
            v2("join room:" + room + (since ? " since:" + std::to_string(*since) : std::string()));
    }

    void act(Actor& actor) {
        if (actor.ending != Ending::None) return;
        if (random_.oneIn(60)) return part(actor);
        if (actor.dialect == Dialect::Classic) return actClassic(actor);
        switch (random_.upTo(15)) {
            case 0:
                return join(actor, anyRoom());
            case 1:
                actor.pending += v2("leave room:" + anyRoom());
                return;
            case 2: {
                const SentTell tell{anyActor().nick, actor.id(), anyText(actor)};
                actor.told.push_back(tell);
                actor.pending += v2("tell to:" + tell.to + " id:" + tell.id, tell.text);
                return;
            }
            case 3: {
                Offered o{anyRoom(), actor.id(), "f" + actor.id() + ".bin", anyBytes()};
                actor.pending +=
                    v2("offer room:" + o.room + " id:" + o.id + " name:" + o.name +
                       " size:" + std::to_string(o.bytes.size()) + " sha256:" + sha256Of(o.bytes));
                actor.offered.push_back(std::move(o));
                return;
            }
            case 4:
            case 5:
                return get(actor);
            case 6:
                actor.pending += v2("history room:" + anyRoom() +
                                    " limit:" + std::to_string(1 + random_.upTo(20)));
                return;
            case 7:
                actor.pending += v2(random_.oneIn(2) ? "rooms" : "ping token:x");
                return;
            case 8:
                // What the log has forgotten it would take again.
                if (actor.said.empty() || weight_.limits.bytesMax < limits::kMemoryLogBytesMax)
                    return;
                return say(actor, actor.said[random_.upTo(actor.said.size() - 1)]);
            default:
                actor.said.push_back({anyRoom(), actor.id(), anyText(actor)});
                return say(actor, actor.said.back());
        }
    }

    void say(Actor& actor, const SaidText& said) {
        actor.pending += v2("say room:" + said.room + " id:" + said.id, said.text);
    }

    void get(Actor& actor) {
        if (bench_.files.files.empty()) return;
        auto it = bench_.files.files.begin();
        std::advance(it, random_.upTo(bench_.files.files.size() - 1));
        const Asked asked{it->first, random_.oneIn(3) ? random_.upTo(it->second.size()) : 0};
        // The same file twice at once could not be told apart.
        for (const auto& earlier : actor.asked) {
            if (earlier.sha == asked.sha) return;
        }
        actor.asked.push_back(asked);
        actor.pending += v2("get sha256:" + asked.sha + " at:" + std::to_string(asked.at));
    }

    void actClassic(Actor& actor) {
        if (random_.oneIn(5)) {
            const std::string name = actor.nick + "." + std::to_string(actor.classicLines.size());
            actor.classicLines.push_back(name);
            actor.pending += field(name + "%") + field(anyBytes());
            return;
        }
        std::string text = anyText(actor);
        if (classicFileRule(text)) text += '!';
        actor.said.push_back({"lobby", {}, text});
        actor.classicLines.push_back(text);
        actor.pending += field(text);
    }

    void part(Actor& actor) {
        const auto how = random_.upTo(2);
        actor.ending = how == 0 ? Ending::Half : how == 1 ? Ending::Bye : Ending::Aborted;
        if (actor.dialect == Dialect::Classic && actor.ending == Ending::Bye) {
            actor.ending = Ending::Half;
        }
        if (actor.ending == Ending::Bye) actor.pending += v2("bye");
        if (actor.ending == Ending::Aborted) actor.peer->end("reset");
    }

    // Gives the server some of what was written, as far as it reads.
    void deliver(Actor& actor, size_t most = 400) {
        if (actor.ending == Ending::Aborted || !actor.peer->transport.reading) return;
        const bool had = !actor.pending.empty();
        const size_t size = std::min(actor.pending.size(),
                                     random_.oneIn(4) ? random_.upTo(20) : 1 + random_.upTo(most));
        const std::string part = actor.pending.substr(0, size);
        actor.pending.erase(0, size);
        if (size > 0) actor.peer->send(part);
        if (actor.ending == Ending::Half && had && actor.pending.empty()) actor.peer->end();
        if (actor.ending == Ending::Half && !had && !actor.peer->gone()) actor.peer->end();
    }

    void grant(Actor& actor) {
        if (actor.ending == Ending::Aborted) return;
        if (actor.sloth) return actor.peer->open(random_.oneIn(5) ? random_.upTo(300'000) : 0);
        if (random_.oneIn(3)) return actor.peer->open();
        actor.peer->open(random_.oneIn(2) ? 1 + random_.upTo(30) : random_.upTo(5000));
    }

    // What a client does with what it gets: it parses, and sends what was accepted.
    void read(Actor& actor) {
        const std::string& received = actor.peer->transport.received;
        const std::string_view news = std::string_view(received).substr(actor.parsed);
        actor.parsed = received.size();
        if (actor.dialect == Dialect::Classic) {
            actor.items.feed(news);
            while (auto item = actor.items.next()) actor.gotItems.push_back(std::move(*item));
            EXPECT_FALSE(actor.items.broken()) << actor.nick;
            return;
        }
        actor.frames.feed(news);
        while (auto frame = actor.frames.next()) {
            if (frame->verb == "accept") upload(actor, *frame);
            actor.got.push_back(std::move(*frame));
        }
        EXPECT_FALSE(actor.frames.broken()) << actor.nick;
    }

    void upload(Actor& actor, const Frame& accept) {
        if (actor.ending != Ending::None) return;
        for (const auto& offered : actor.offered) {
            if (offered.id != accept["id"]) continue;
            for (size_t at = accept.number("at"); at < offered.bytes.size();) {
                const std::string part = offered.bytes.substr(at, 1 + random_.upTo(2000));
                actor.pending +=
                    v2("data transfer:" + accept["transfer"] + " off:" + std::to_string(at), part);
                at += part.size();
            }
        }
    }

    // ---- the end

    void drain() {
        bench_.files.held = false;
        for (bool moved = true; moved;) {
            moved = false;
            bench_.files.run();
            for (auto& actor : actors_) {
                if (actor.ending != Ending::Aborted) actor.peer->open();
            }
            bench_.settle();
            for (auto& actor : actors_) {
                read(actor);
                if (actor.ending == Ending::Aborted || actor.peer->gone()) continue;
                if (actor.pending.empty() && !std::exchange(ended_[actor.nick], true)) {
                    deliver(actor);
                    moved = true;
                }
                while (!actor.pending.empty() && actor.peer->transport.reading) {
                    deliver(actor, 100'000);
                    moved = true;
                }
            }
            if (::testing::Test::HasFailure()) return;
        }
        bench_.settle();
        for (auto& actor : actors_) {
            if (actor.ending == Ending::None) {
                EXPECT_FALSE(actor.peer->gone()) << actor.nick << " was thrown out";
                EXPECT_EQ(actor.pending, "") << actor.nick << " is not read";
            }
            if (actor.ending == Ending::None && actor.dialect == Dialect::V2) {
                for (const char* room : {"lobby", "a", "b"}) {
                    actor.peer->send(v2(std::string("who room:") + room));
                }
            }
        }
        bench_.settle();
        for (auto& actor : actors_) read(actor);
    }

    // ---- what the hub decided, as it happened

    struct Owed {
        uint64_t from = 0;  // classic: the first entry
        UserId user = 0;
        std::map<std::string, uint64_t> last;  // by room, at its departure
        bool departed = false;
    };

    void watch(size_t shard, const EffectBatch& batch) {
        for (const Effect& effect : batch) {
            if (const auto* e = std::get_if<Greeted>(&effect)) owed_[e->session].user = e->user;
            if (const auto* e = std::get_if<Subscribed>(&effect)) {
                roomNames_[e->room] = e->name;
                if (e->name == "lobby") owed_[e->session].from = e->nextSeq;
                published_[{shard, e->name}] = std::max(published_[{shard, e->name}], e->seq);
            }
            if (const auto* e = std::get_if<Published>(&effect)) {
                auto& last = published_[{shard, roomNames_[e->publication->room]}];
                for (const Item& item : e->publication->items) last = std::max(last, item.seq);
            }
            if (const auto* e = std::get_if<Departed>(&effect)) {
                Owed& owed = owed_[e->session];
                if (std::exchange(owed.departed, true)) continue;
                for (const char* room : {"lobby", "a", "b"}) {
                    owed.last[room] = published_[{shard, room}];
                }
            }
        }
    }

    bool wasSlow(const Actor& actor) const {
        return bench_.report.says("(" + actor.nick + "): slow reader");
    }

    // ---- judging

    // What the client saw, for whoever looks for the reason.
    static void dump(const Actor& actor) {
        for (const Frame& frame : actor.got) std::cerr << brief(frame).substr(0, 120) << '\n';
        for (const ClassicItem& item : actor.gotItems) {
            std::cerr << brief(item).substr(0, 120) << '\n';
        }
    }

    struct View {
        bool open = false, behind = false;
        uint64_t next = 0;
        std::set<std::string> members;
    };

    const std::vector<Said>& entries(const std::string& room) { return bench_.log.said[room]; }

    void checkEntry(const Frame& frame, const std::string& room) {
        const uint64_t seq = frame.number("seq");
        ASSERT_GE(seq, 1u);
        ASSERT_LE(seq, entries(room).size());
        const Said& said = entries(room)[seq - 1];
        EXPECT_EQ(frame["from"], said.from);
        EXPECT_EQ(frame["id"], said.id);
        EXPECT_EQ(frame.number("user"), said.user);
        if (said.sha256.empty()) {
            EXPECT_EQ(frame.verb, "msg");
            EXPECT_TRUE(frame.body == said.text) << "another text";
        } else {
            EXPECT_EQ(frame.verb, "file");
            EXPECT_EQ(frame["name"], said.text);
            EXPECT_EQ(frame["sha256"], said.sha256);
        }
    }

    void checkV2(Actor& actor) {
        std::map<std::string, View> views;
        std::map<std::string, std::string> downloads;
        std::set<std::string> refused, acknowledged;
        auto joins = actor.joins;
        bool parted = false;
        for (const Frame& frame : actor.got) {
            EXPECT_FALSE(parted) << "something follows bye: " << brief(frame);
            const std::string room = frame["room"];
            View& view = views[room];
            if (frame.verb == "joined") {
                ASSERT_FALSE(joins[room].empty());
                EXPECT_FALSE(view.open);
                const auto since = joins[room].front();
                joins[room].pop_front();
                const uint64_t seq = frame.number("seq");
                view = {true, since && *since < seq, (since ? std::min(*since, seq) : seq) + 1, {}};
                for (auto& line : linesOf(frame.body)) view.members.insert(line["nick"]);
            } else if ((frame.verb == "msg" || frame.verb == "file")) {
                if (frame["id"] != "" && frame["from"] == actor.nick) {
                    acknowledged.insert(frame["id"]);
                }
                checkEntry(frame, room);
                if (frame["again"] == "1") {
                    EXPECT_EQ(frame["from"], actor.nick);
                    continue;
                }
                EXPECT_TRUE(view.open) << brief(frame).substr(0, 99);
                ASSERT_EQ(frame.number("seq"), view.next) << room;
                ++view.next;
            } else if (frame.verb == "gap") {
                EXPECT_LT(weight_.limits.bytesMax, limits::kMemoryLogBytesMax);
                EXPECT_EQ(frame.number("from"), view.next);
                view.next = frame.number("to") + 1;
            } else if (frame.verb == "left") {
                EXPECT_TRUE(view.open);
                if (!view.behind && !wasSlow(actor)) {
                    EXPECT_EQ(view.next, frame.number("seq") + 1) << room;
                }
                EXPECT_LE(view.next, frame.number("seq") + 1);
                view = {};
            } else if (frame.verb == "page") {
                uint64_t seq = frame.number("first");
                for (const Frame& inner : framesOf(frame.body)) {
                    EXPECT_EQ(inner.number("seq"), seq++);
                    checkEntry(inner, room);
                }
                if (frame.number("last") > 0) {
                    EXPECT_EQ(seq, frame.number("last") + 1);
                }
            } else if (frame.verb == "presence") {
                EXPECT_TRUE(view.open);
                if (frame["state"] == "joined") view.members.insert(frame["nick"]);
                if (frame["state"] == "left") view.members.erase(frame["nick"]);
            } else if (frame.verb == "roster") {
                std::set<std::string> members;
                for (auto& line : linesOf(frame.body)) members.insert(line["nick"]);
                // The last one was asked for at the end, when all was quiet.
                const bool last = actor.ending == Ending::None && &frame + 3 > &actor.got.back();
                if (view.open && last) {
                    EXPECT_EQ(view.members, members) << room;
                }
                view.members = members;
            } else if (frame.verb == "data") {
                std::string& bytes = downloads[frame["sha256"]];
                EXPECT_EQ(frame.number("off"), askedAt(actor, frame["sha256"]) + bytes.size());
                bytes += frame.body;
            } else if (frame.verb == "error") {
                refused.insert(frame["id"]);
                if (frame["re"] == "join") joins[room].pop_front();
                checkRefusal(frame);
            } else if (frame.verb == "bye") {
                parted = true;
            }
        }
        EXPECT_EQ(actor.frames.left(), actor.ending == Ending::Aborted ? actor.frames.left() : 0u);
        for (auto& [room, view] : views) {
            if (view.open) checkEnd(actor, room, view);
        }
        for (const auto& [sha, bytes] : downloads) {
            const std::string wanted = bench_.files.files[sha].substr(askedAt(actor, sha));
            EXPECT_TRUE(actor.ending == Ending::None ? bytes == wanted : wanted.starts_with(bytes))
                << bytes.size() << " of " << wanted.size();
        }
        if (actor.ending == Ending::None) {
            for (const auto& asked : actor.asked) EXPECT_TRUE(downloads.contains(asked.sha));
        }
        checkSaid(actor, refused, acknowledged);
    }

    static uint64_t askedAt(const Actor& actor, const std::string& sha) {
        for (const auto& asked : actor.asked) {
            if (asked.sha == sha) return asked.at;
        }
        ADD_FAILURE() << "a file that nobody asked for";
        return 0;
    }

    void checkRefusal(const Frame& frame) const {
        static const std::set<std::string> kExpected{"not-in-room",  "bad-state", "bad-room",
                                                     "no-such-nick", "too-many",  "no-such-file"};
        const std::string code = frame["code"];
        EXPECT_TRUE(kExpected.contains(code) || (weight_.logFails && code == "internal"))
            << brief(frame) << " " << frame.body;
    }

    void checkEnd(const Actor& actor, const std::string& room, const View& view) {
        if (actor.ending == Ending::None) {
            EXPECT_EQ(view.next, entries(room).size() + 1) << room;
            return;
        }
        const uint64_t last = owed_[actor.peer->id].last[room];
        if (actor.ending != Ending::Aborted && !view.behind && !wasSlow(actor)) {
            EXPECT_EQ(view.next, last + 1) << room;
        }
        EXPECT_LE(view.next, last + 1) << room;
    }

    // Each was either refused or is in the log once; in the order in which they were said.
    void checkSaid(const Actor& actor, const std::set<std::string>& refused,
                   const std::set<std::string>& acknowledged) {
        std::map<std::string, size_t> inLog;
        for (const auto& [room, said] : bench_.log.said) {
            std::vector<std::string> ids;
            for (const Said& entry : said) {
                if (entry.from != actor.nick) continue;
                ++inLog[entry.id];
                if (entry.sha256.empty()) ids.push_back(entry.id);
            }
            // What was refused at first may be in the log after it was said again; who has gone
            // does not know.
            if (actor.ending == Ending::Aborted) continue;
            const auto isRefused = [&](const std::string& id) { return refused.contains(id); };
            std::erase_if(ids, isRefused);
            EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end(), [](const auto& a, const auto& b) {
                return std::stoull(a) < std::stoull(b);
            })) << room;
        }
        for (const auto& [id, count] : inLog) EXPECT_EQ(count, 1u) << id;
        if (actor.ending == Ending::Aborted) return;
        for (const auto& said : actor.said) {
            EXPECT_TRUE(inLog.contains(said.id) || refused.contains(said.id)) << said.id;
        }
        for (const auto& offered : actor.offered) {
            if (actor.ending != Ending::None) continue;
            EXPECT_TRUE(inLog.contains(offered.id) || refused.contains(offered.id)) << offered.id;
        }
        for (const auto& id : acknowledged) EXPECT_TRUE(inLog.contains(id)) << id;
    }

    void checkClassic(Actor& actor) {
        const Owed& owed = owed_[actor.peer->id];
        const auto& said = entries("lobby");
        uint64_t seq = owed.from;
        size_t gaps = 0;
        for (const ClassicItem& item : actor.gotItems) {
            if (item.user == "netchat") {
                if (item.text.find("no longer available") != std::string::npos) {
                    ++gaps;
                    seq += std::stoull(item.text);
                }
                continue;
            }
            if (item.text.starts_with("(private) ")) continue;
            while (seq <= said.size() && said[seq - 1].user == owed.user) ++seq;
            ASSERT_LE(seq, said.size()) << brief(item).substr(0, 99);
            const Said& entry = said[seq++ - 1];
            EXPECT_EQ(item.user, entry.from);
            if (!entry.sha256.empty()) {
                EXPECT_EQ(item.text, entry.text + "%");
                EXPECT_EQ(sha256Of(item.bytes), entry.sha256);
            } else {
                EXPECT_TRUE(item.text == entry.text || item.text == entry.text + " ");
            }
        }
        if (actor.ending == Ending::None) {
            EXPECT_FALSE(actor.items.inItem());
            while (seq <= said.size() && said[seq - 1].user == owed.user) ++seq;
            EXPECT_EQ(seq, said.size() + 1);
        }
        if (gaps > 0) {
            EXPECT_LT(weight_.limits.bytesMax, limits::kMemoryLogBytesMax);
        }
        checkClassicSaid(actor, said);
    }

    void checkClassicSaid(const Actor& actor, const std::vector<Said>& said) {
        std::vector<std::string> inLog;
        for (const Said& entry : said) {
            if (entry.from == actor.nick) inLog.push_back(entry.text);
        }
        if (actor.ending == Ending::Aborted || weight_.logFails) {
            auto line = actor.classicLines.begin();
            for (const auto& text : inLog) {
                line = std::find(line, actor.classicLines.end(), text);
                ASSERT_NE(line, actor.classicLines.end());
            }
        } else {
            EXPECT_TRUE(inLog == actor.classicLines)
                << inLog.size() << " of " << actor.classicLines.size();
        }
    }

    // Whatever the sender got back, its receiver got, too, once.
    void checkTells() {
        for (const Actor& actor : actors_) {
            if (actor.dialect != Dialect::V2 || actor.ending == Ending::Aborted) continue;
            std::map<std::string, size_t> told;
            std::set<std::string> refused;
            for (const Frame& frame : actor.got) {
                if (frame.verb == "tell" && frame["from"] == actor.nick) ++told[frame["id"]];
                if (frame.verb == "error") refused.insert(frame["id"]);
            }
            for (const SentTell& tell : actor.told) {
                EXPECT_EQ(told[tell.id] + refused.count(tell.id), 1u) << tell.id;
                if (told[tell.id] == 1) checkReceived(actor, tell);
            }
        }
    }

    void checkReceived(const Actor& from, const SentTell& tell) {
        for (const Actor& actor : actors_) {
            if (actor.nick != tell.to || actor.ending != Ending::None) continue;
            size_t count = 0;
            for (const Frame& frame : actor.got) {
                count += frame.verb == "tell" && frame["from"] == from.nick &&
                         frame["id"] == tell.id && frame.body == tell.text;
            }
            for (const ClassicItem& item : actor.gotItems) {
                count += item.user == from.nick && (item.text == "(private) " + tell.text ||
                                                    item.text == "(private) " + tell.text + " ");
            }
            EXPECT_GE(count, 1u) << from.nick << " told " << actor.nick << " " << tell.text;
        }
    }

    Random& random_;
    Weight weight_;
    size_t shards_;
    Bench bench_;
    std::vector<Actor> actors_;
    std::map<std::string, bool> ended_;
    std::map<SessionId, Owed> owed_;
    std::map<RoomId, std::string> roomNames_;
    std::map<std::pair<size_t, std::string>, uint64_t> published_;
};

void runSchedules(uint64_t count, Weight weight) {
    forEachSeed(count, [&](Random& random) { Schedule(random, weight).run(); });
}

TEST(Schedule, EveryoneGetsWhatIsOwedOnceAndInOrder) {
    runSchedules(600, {});
}

TEST(Schedule, WhoeverFallsBehindTheTailCatchesUpWithoutGapOrDouble) {
    Weight weight;
    weight.bigTextMost = 200'000;
    weight.fileMost = 400'000;
    runSchedules(80, weight);
}

TEST(Schedule, WhatTheLogHasForgottenIsAnnouncedAsAGap) {
    Weight weight;
    weight.bigTextMost = 200'000;
    weight.limits = {300'000, 1000};
    runSchedules(60, weight);
}

TEST(Schedule, ALogThatFailsRefusesWhatWasSaidAndShowsNothing) {
    Weight weight;
    weight.logFails = true;
    runSchedules(200, weight);
}

TEST(Schedule, ManySessionsShareTails) {
    Weight weight;
    weight.actors = 20;
    weight.steps = 400;
    runSchedules(20, weight);
}

}  // namespace
}  // namespace netchat::serve::testing
