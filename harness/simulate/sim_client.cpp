#include "harness/simulate/sim_client.h"

#include <algorithm>
#include <utility>

#include "modes/client/sha256.h"

namespace netchat::simulate {

namespace event = client::event;

SimClient::SimClient(size_t index, const SimClientPlan& plan, Surroundings around,
                     ClientHost::Connect connect)
    : plan_(plan),
      around_(around),
      connect_(std::move(connect)),
      base_("c" + std::to_string(index)) {
}

void SimClient::start() {
    who_ = nick_ = base_ + "." + std::to_string(keepalive_);
    host_ = std::make_unique<ClientHost>(around_.clock, SimRng(around_.rng.next()), disk_,
                                         around_.faultHooks, connect_);
    client::Options options;
    options.nick = who_;
    options.classic = plan_.classic;
    // Half of them look after their connection themselves.
    if (around_.rng.oneIn(2)) {
        options.reconnect.when = client::ReconnectOptions::When::Always;
    } else {
        options.quietMs = 0;
    }
    resume(options);
    client_ = std::make_unique<client::Client>(*host_, options, *this);
    for (const auto& [room, view] : views_) client_->join(room);
    client_->start();
    if (around_.trace.kept()) around_.trace.say(who_ + " starts");
}

// As the same user, after what was seen and fetched; in rooms that were left, no more.
void SimClient::resume(client::Options& options) {
    if (!kept_) return;
    options.resume = kept_;
    options.resume->lastId = keepalive_ << 20;
    nick_ = kept_->nick;
    for (const auto& room : kept_->rooms) views_[room.name].last = room.last;
}

void SimClient::keep() {
    if (plan_.classic || !client_) return;
    kept_ = client_->state();
    kept_->said.clear();
    std::erase_if(kept_->rooms, [this](const auto& room) { return !views_.count(room.name); });
    for (auto& room : kept_->rooms) {
        for (const auto& [sha256, place] : fetching_) {
            if (place.room == room.name) room.last = std::min(room.last, place.seq - 1);
        }
    }
}

// What it had in memory is gone; what it said may or may not have arrived.
void SimClient::crash() {
    client_.reset();
    host_.reset();
    ++keepalive_;
    reconnectAtMs_ = -1;
    connected_ = inPage_ = false;
    views_.clear();
    leftAt_.clear();
    asked_.clear();
    said_.clear();
    fetching_.clear();
    classicLast_.reset();
}

void SimClient::reconnect() {
    reconnectAtMs_ = -1;
    client_->reconnect();
}

// ---- doing

void SimClient::act(const std::string& someNick) {
    const Action& action = plan_.actions[next_++];
    nextNumber_ = action.number;
    const std::string room = kRooms[action.room];
    if (around_.trace.kept()) {
        around_.trace.say(who_ + " #" + std::to_string(action.number) + " " + nameOf(action.kind) +
                          " " + room);
    }
    switch (action.kind) {
        case Action::Kind::Join:
            return join(room);
        case Action::Kind::Leave:
            return leave(room);
        case Action::Kind::Hop:
            return hop(room);
        case Action::Kind::Say: {
            const std::string text = textOf(who_, action.number, action.size);
            const auto view = views_.find(room);
            const bool inside = view != views_.end() && !view->second.leaving && !waitsIn(room);
            if (!plan_.classic && !inside) around_.checker.saidOutside(action.number);
            said_[client_->say(room, text)] = {action.number, false, false, text};
            return;
        }
        case Action::Kind::Tell:
            (void)client_->tell(someNick, textOf(who_, action.number, action.size));
            return;
        case Action::Kind::Upload:
            return upload(action);
        case Action::Kind::Rename:
            return client_->nick(base_ + "n" + std::to_string(action.number));
        case Action::Kind::History:
            return client_->history(room, 0, 1 + action.size % 20);
        case Action::Kind::Who:
            return client_->who(room);
        case Action::Kind::Reconnect:
            return reconnect();
    }
}

void SimClient::upload(const Action& action) {
    const std::string name = fileNameOf(who_, action.number);
    disk_.sources[name] = fileBytesOf(action.number, action.size);
    const auto id = client_->upload(kRooms[action.room], name);
    if (id) said_[*id] = {action.number, true, false, name};
}

bool SimClient::offerAgain(const std::string& sha256, uint64_t number) {
    const auto room = std::find_if(views_.begin(), views_.end(),
                                   [](const auto& view) { return view.second.joined; });
    if (plan_.classic || room == views_.end()) return false;
    for (const auto& [path, bytes] : disk_.sources) {
        client::Sha256 digest;
        digest.update(bytes);
        if (digest.hex() != sha256) continue;
        const std::string name = fileNameOf(who_, number);
        const std::string copy = bytes;
        disk_.sources[name] = copy;
        if (const auto id = client_->upload(room->first, name)) {
            said_[*id] = {number, true, false, name};
        }
        return true;
    }
    return false;
}

// ---- seeing

namespace {

// The fields of an event that a trace shows.
struct Shown {
    std::string& line;
    template <class E>
    void operator()(const E& one) const {
        if constexpr (requires { one.room; }) word(" ", one.room);
        if constexpr (requires { one.seq; }) number(one.seq);
        if constexpr (requires { one.common; }) number(one.common);
        if constexpr (requires { one.id; }) word(" id ", one.id);
        if constexpr (requires { one.code; }) word(" ", one.code);
        if constexpr (requires { one.name; }) word(" ", one.name);
        if constexpr (requires { one.text; }) {
            if (!one.text.empty()) line += " '" + std::string(one.text.substr(0, 60)) + "'";
        }
    }
    void word(const char* before, std::string_view text) const {
        if (!text.empty()) line += before + std::string(text);
    }
    void number(uint64_t value) const {
        if (value != 0) line += " " + std::to_string(value);
    }
};

}  // namespace

void SimClient::trace(const client::Event& event) {
    if (!around_.trace.kept() || client::isOneOf<event::Progress>(event)) return;
    std::string line = who_ + " is told: " + std::string(client::kindName(event));
    std::visit(Shown{line}, event);
    around_.trace.say(line);
}

void SimClient::onEvent(const client::Event& event) {
    trace(event);
    std::visit(client::Overloaded{
                   [this](const event::Connected& one) { onConnected(one); },
                   [this](const event::Reconnecting&) { connected_ = inPage_ = false; },
                   [this](const event::Disconnected&) {
                       connected_ = inPage_ = false;
                       reconnectAtMs_ =
                           around_.clock.nowMs + static_cast<int64_t>(around_.rng.between(1, 800));
                   },
                   [this](const event::Joined& one) { onJoined(one); },
                   [this](const event::LogChanged& one) { onLogChanged(one); },
                   [this](const event::Left& one) { onLeft(one); },
                   [this](const event::HistoryPage&) { inPage_ = true; },
                   [this](const event::HistoryEnd&) { inPage_ = false; },
                   [this](const event::Message& one) { onMessage(one); },
                   [this](const event::File& one) { onFile(one); },
                   [this](const event::FileReceived& one) { onReceived(one); },
                   [this](const event::FileFailed& one) { onFailed(one); },
                   [this](const event::Gap& one) { onGap(one); },
                   [this](const event::Named& one) { nick_ = one.nick; },
                   [this](const event::Refused& one) { onRefused(one); },
                   client::IgnoreOthers{},
               },
               event);
    keep();
}

void SimClient::onConnected(const event::Connected& connected) {
    connected_ = true;
    classicLast_.reset();
    if (connected.text.empty()) return;
    if (connected.durability != "memory") {
        // Who could not be saved was welcome all the same.
        if (around_.checker.logHasFailed() || around_.checker.logHasChanged()) return;
        return violated("forgotten", "was forgotten: " + std::string(connected.text));
    }
    // The server has lost its memory, and says so: the rooms begin anew.
    for (auto& [room, view] : views_) {
        if (view.last) view.last = 0;
        view.read.clear();
    }
}

void SimClient::onLeft(const event::Left& left) {
    answered(left.kName, left.room, false, false);
    const auto it = views_.find(left.room);
    if (it == views_.end()) return;
    if (it->second.last) leftAt_[std::string(left.room)] = *it->second.last;
    views_.erase(it);
}

void SimClient::onReceived(const event::FileReceived& file) {
    const auto placed = disk_.placed.find(std::string(file.sha256));
    if (!plan_.classic && (placed == disk_.placed.end() || placed->second.size() != file.size)) {
        violated("file", "received " + std::string(file.name) + " with other bytes");
    }
    if (const auto it = fetching_.find(file.sha256); it != fetching_.end()) fetching_.erase(it);
    traffic_.received.erase(std::string(file.sha256));
}

void SimClient::onFailed(const event::FileFailed& file) {
    if (plan_.classic) return;
    if (around_.checker.isRotten(file.sha256)) {
        fetching_.erase(std::string(file.sha256));
        traffic_.received.erase(std::string(file.sha256));
        return;
    }
    violated("file", "did not receive " + std::string(file.name) + ": " + std::string(file.text));
}

void SimClient::onGap(const event::Gap& gap) {
    if (around_.checker.areRotten(gap.room, gap.first, gap.last)) return onRotten(gap);
    // Nothing is ever forgotten here.
    violated("lost", "is told of a gap in " + std::string(gap.room));
}

void SimClient::onRotten(const event::Gap& gap) {
    const auto it = views_.find(gap.room);
    if (it == views_.end() || !it->second.last) return;
    uint64_t& last = *it->second.last;
    // One further on is of a page of history: what is before it is still to come.
    if (gap.first > last + 1) return;
    last = std::max(last, gap.last);
}

void SimClient::onJoined(const event::Joined& joined) {
    answered(joined.kName, joined.room, true, true);
    const auto it = views_.find(joined.room);
    if (it == views_.end()) return;
    it->second.joined = true;
    if (!it->second.last) it->second.last = joined.seq;
}

// It goes on from there: never beyond what both logs have, and no further back where that is known.
void SimClient::onLogChanged(const event::LogChanged& changed) {
    const std::string place =
        std::string(changed.room) + " after " + std::to_string(changed.common);
    if (!around_.checker.logHasChanged() && anewFrom_ == 0) {
        violated("lost", "is told of another log in " + place);
    }
    const auto it = views_.find(changed.room);
    if (it == views_.end() || !it->second.last) return;
    View& view = it->second;
    if (view.last != changed.last) violated("lost", "is told that it had read on, in " + place);
    const InvariantChecker& checker = around_.checker;
    if (checker.knowsTheCommonEntry() &&
        changed.common < checker.commonIn(changed.room, changed.last)) {
        violated("doubled", "is sent back too far, to " + place);
    }
    view.read.erase(view.read.upper_bound(changed.common), view.read.end());
    view.last = changed.common;
}

// What it has read is what the log has, whatever became of the log meanwhile.
void SimClient::judgeRead(const std::string& name, const View& view) {
    const auto& rooms = around_.checker.rooms();
    const auto room = rooms.find(name);
    for (const auto& [seq, text] : view.read) {
        const bool there = room != rooms.end() && seq <= room->second.size();
        if (there && room->second[seq - 1].text == text) continue;
        const std::string instead =
            there ? "'" + room->second[seq - 1].text.substr(0, 40) + "'" : "nothing";
        return violated("lost", "has read '" + text.substr(0, 40) + "' as " + name + " " +
                                    std::to_string(seq) + ", where the log has " + instead);
    }
}

void SimClient::forgive() {
    if (!client_) return;
    const client::Resume state = client_->state();
    for (auto& [id, said] : said_) {
        said.mayBeBack = said.mayBeBack || said.refused;
        said.forgiven =
            said.forgiven || std::none_of(state.said.begin(), state.said.end(),
                                          [&id = id](const auto& one) { return one.id == id; });
    }
}

void SimClient::onMessage(const event::Message& message) {
    if (plan_.classic) return onClassicEntry(message.from, std::string(message.text));
    onEntry({store::EntryKind::Message,
             message.seq,
             message.time,
             message.user,
             message.id,
             message.from,
             message.text,
             {},
             0},
            message.room);
}

void SimClient::onFile(const event::File& file) {
    if (plan_.classic) return onClassicEntry(file.from, std::string(file.name));
    const bool next = onEntry({store::EntryKind::File, file.seq, file.time, file.user, file.id,
                               file.from, file.name, file.sha256, file.size},
                              file.room);
    if (next && !file.own) {
        fetching_.emplace(file.sha256, Place{std::string(file.room), file.seq});
    }
}

// Whether it was told as an entry of a room that this client is in.
bool SimClient::onEntry(const store::Entry& entry, std::string_view room) {
    around_.checker.shown(who_, entry, room);
    if (inPage_) return false;
    const auto it = views_.find(room);
    const std::string place = std::string(room) + " " + std::to_string(entry.seq);
    if (it == views_.end() || !it->second.last) {
        violated("not-member", "is told " + place + " without being there");
        return false;
    }
    uint64_t& last = *it->second.last;
    if (entry.seq <= last)
        violated("doubled", "is told " + place + " after " + std::to_string(last));
    if (entry.seq > last + 1)
        violated("lost", "is told " + place + " after " + std::to_string(last));
    last = entry.seq;
    it->second.read[entry.seq] = entry.text;
    return true;
}

// It has neither numbers nor its own: each must follow in the log, but for its own.
void SimClient::onClassicEntry(std::string_view from, std::string text) {
    if (from == "netchat") return;
    if (text.starts_with("(private) ")) return;
    if (text.ends_with(". ")) text.pop_back();
    const auto& rooms = around_.checker.rooms();
    const auto lobby = rooms.find("lobby");
    static const std::vector<KeptEntry> kNone;
    const auto& entries = lobby == rooms.end() ? kNone : lobby->second;
    const auto begin = classicLast_ ? entries.begin() + static_cast<std::ptrdiff_t>(*classicLast_)
                                    : entries.begin();
    const auto found =
        std::find_if(begin, entries.end(), [&](const KeptEntry& e) { return e.text == text; });
    if (found == entries.end()) {
        const bool known =
            std::any_of(entries.begin(), begin, [&](const KeptEntry& e) { return e.text == text; });
        return violated(known ? "doubled" : "unlogged", "is told '" + text.substr(0, 40) + "'");
    }
    if (from != found->from) violated("altered", "is told '" + text.substr(0, 40) + "' of another");
    if (classicLast_) {
        // Of a file that was damaged it is told that it is kept no longer; of an entry, nothing.
        const bool missed = std::any_of(begin, found, [&](const KeptEntry& e) {
            const auto seq = static_cast<uint64_t>(&e - entries.data()) + 1;
            return !isOwn(e.text) && !around_.checker.isRotten(e.sha256) &&
                   !around_.checker.areRotten("lobby", seq, seq);
        });
        if (missed) violated("lost", "misses something before '" + text.substr(0, 40) + "'");
    }
    classicLast_ = static_cast<uint64_t>(found - entries.begin()) + 1;
}

void SimClient::onRefused(const event::Refused& refused) {
    if (refused.re == "join" || refused.re == "leave") {
        answered(refused.kName, refused.room, refused.re == "join", false);
    }
    if (refused.re == "join") views_.erase(std::string(refused.room));
    const auto it = said_.find(refused.id);
    if (it == said_.end()) return;
    if (refused.code == "unsure") {
        said_.erase(it);
        return;
    }
    it->second.refused = true;
}

// ---- judging

bool SimClient::in(const std::string& room) const {
    const auto it = views_.find(room);
    if (plan_.classic) return connected_ && room == "lobby";
    return it != views_.end() && it->second.joined;
}

size_t SimClient::rooms() const {
    return plan_.classic ? 1 : views_.size();
}

bool SimClient::isIdle() const {
    return alive() && connected_ && client_->idle();
}

std::string SimClient::state() const {
    if (!alive()) return who_ + " is not running";
    return who_ + (connected_ ? " is connected" : " is not connected") +
           (client_->idle() ? ", idle" : ", waits for something") + ", " +
           std::to_string(client_->unacknowledged()) + " unacknowledged";
}

void SimClient::judgeRest() {
    if (!isIdle()) return violated("alive", "in the end: " + state());
    if (client_->unacknowledged() != 0) violated("alive", "in the end: " + state());
    for (const auto& [room, asked] : asked_) {
        if (!asked.empty()) violated("unanswered", "has no answer to a join or leave of " + room);
    }
    for (const auto& [room, view] : views_) {
        const uint64_t last = around_.checker.lastSeq(room);
        if (!view.joined || !view.last) {
            violated("alive", "never came into " + room);
        } else if (*view.last < last && anewFrom_ == 0) {
            violated("lost", "has seen " + room + " up to " + std::to_string(*view.last) + " of " +
                                 std::to_string(last));
        } else if (anewFrom_ == 0) {
            judgeRead(room, view);
        }
    }
    for (const auto& [id, said] : said_) {
        const bool inLog = around_.checker.inLog(said.text);
        if (plan_.classic) continue;
        if (said.number <= anewFrom_) continue;
        const std::string what = "'" + said.text.substr(0, 40) + "'";
        if (said.refused && inLog && !said.mayBeBack)
            violated("refused", what + " was refused and is in the log");
        if (!said.refused && !inLog && !said.forgiven)
            violated("unanswered", what + " was not refused and is in no log");
    }
    for (const auto& [sha256, place] : fetching_) {
        violated("file", "has not received " + sha256);
    }
}

}  // namespace netchat::simulate
