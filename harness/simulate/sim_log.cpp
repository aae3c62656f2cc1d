#include "harness/simulate/sim_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace netchat::simulate {

namespace {

// Digits that no other has, as the kernel's random ones.
std::string hexOf(uint64_t number) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
    return text.data();
}

}  // namespace

Status SimLog::usable() const {
    if (trouble == Trouble::Full) return Error{ErrorCode::NoRoom, "the disk is full"};
    if (trouble == Trouble::Failing) return Error{ErrorCode::Internal, "the disk does not write"};
    return Ok{};
}

const SimLog::Place* SimLog::earlier(const store::Entry& entry) const {
    if (entry.id.empty()) return nullptr;
    const auto it = now_.said.find({entry.user, std::string(entry.id)});
    return it == now_.said.end() ? nullptr : &it->second;
}

Result<std::vector<store::Appended>> SimLog::append(std::span<const store::Draft> drafts) {
    if (doubt_) return Error{ErrorCode::Internal, "it is not known what the log has"};
    if (auto status = usable(); !status) return status.error();
    if (trouble == Trouble::Unsure && !drafts.empty()) {
        doubt_ = Doubt{doubtStands, {}};
        for (const auto& [room, e] : drafts) {
            doubt_->drafts.push_back(
                {std::string(room),
                 {e.kind, e.time, e.user, e.size, std::string(e.id), std::string(e.from),
                  std::string(e.text), std::string(e.sha256)}});
        }
        return Error{ErrorCode::Internal, "the disk does not say what it has written"};
    }
    auto result = put(drafts);
    if (dieInAppend && !drafts.empty()) {
        dieInAppend = false;
        throw ServerDied();
    }
    counted();
    return result;
}

std::vector<store::Appended> SimLog::put(std::span<const store::Draft> drafts) {
    std::vector<store::Appended> result;
    Commit commit;
    for (const store::Draft& draft : drafts) {
        if (const auto said = alreadySaid(draft)) {
            result.push_back(*said);
            continue;
        }
        const store::Entry& e = draft.entry;
        auto& room = now_.rooms[std::string(draft.room)];
        room.push_back({e.kind, e.time, e.user, e.size, std::string(e.id), std::string(e.from),
                        std::string(e.text), std::string(e.sha256)});
        commit.rooms.emplace_back(draft.room);
        if (!e.id.empty()) {
            now_.said[{e.user, std::string(e.id)}] = {std::string(draft.room), room.size()};
            commit.ids.emplace_back(e.user, std::string(e.id));
        }
        result.push_back({room.size(), false});
    }
    if (!commit.rooms.empty()) now_.commits.push_back(std::move(commit));
    return result;
}

void SimLog::eachRoom(const RoomVisitor& visit) const {
    for (const auto& [name, entries] : rooms()) visit(name, {1, entries.size()});
}

std::optional<store::Appended> SimLog::alreadySaid(const store::Draft& draft) {
    const Place* place = earlier(draft.entry);
    if (!place) return {};
    return store::Appended{place->seq, true, place->room != draft.room};
}

// Nothing: it is not in the log.
std::optional<std::vector<store::Appended>> SimLog::settle() {
    const auto doubt = std::exchange(doubt_, {});
    if (!doubt || !doubt->stands) return {};
    std::vector<store::Draft> drafts;
    for (const auto& [room, entry] : doubt->drafts) drafts.push_back({room, entry.view(0)});
    return put(drafts);
}

Result<std::vector<store::Appended>> SimLog::findOut() {
    const Error error{ErrorCode::Internal, "the disk does not write"};
    if (trouble != Trouble::None) return error;
    auto found = settle();
    if (!found) return error;
    counted();
    return std::move(*found);
}

void SimLog::counted() {
    mark_.total = total();
    if (witness_) witness_->total = mark_.total;
}

uint64_t SimLog::total() const {
    uint64_t sum = 0;
    for (const auto& [room, entries] : now_.rooms) sum += entries.size();
    return sum;
}

store::Range SimLog::range(std::string_view room) const {
    const auto it = now_.rooms.find(room);
    return it == now_.rooms.end() ? store::Range{} : store::Range{1, it->second.size()};
}

Status SimLog::read(std::string_view room, uint64_t seq, const Visitor& visit) const {
    const auto it = now_.rooms.find(room);
    if (it == now_.rooms.end()) return Ok{};
    for (uint64_t at = seq < 1 ? 1 : seq; at <= it->second.size(); ++at) {
        store::Entry entry = it->second[at - 1].view(at);
        if (isRotten(room, at)) {
            entry = {};
            entry.kind = store::EntryKind::Lost;
            entry.seq = at;
            entry.size = 1;
        }
        if (!visit(entry)) break;
    }
    return Ok{};
}

const KeptEntry* SimLog::entry(std::string_view room, uint64_t seq, size_t epoch) const {
    const Rooms& all = rooms(epoch);
    const auto it = all.find(room);
    if (it == all.end() || seq < 1 || seq > it->second.size()) return nullptr;
    return &it->second[seq - 1];
}

std::optional<uint64_t> SimLog::sharedWith(std::string_view identity, std::string_view room) const {
    const uint64_t last = range(room).last;
    if (identity == identity_) return last;
    for (const Ended& ended : now_.identities) {
        if (ended.identity != identity) continue;
        const auto end = ended.ends.find(room);
        return end == ended.ends.end() ? 0 : std::min(end->second, last);
    }
    return {};
}

Result<uint64_t> SimLog::reserve(uint64_t count) {
    if (auto status = usable(); !status) return status.error();
    const uint64_t first = now_.numbers + 1;
    now_.numbers += count;
    now_.commits.emplace_back().numbers = count;
    return first;
}

Status SimLog::add(std::span<const store::UserRecord> users) {
    if (auto status = usable(); !status) return status;
    Commit commit;
    for (const store::UserRecord& user : users) {
        now_.users[user.number] = user;
        commit.users.push_back(user.number);
    }
    now_.commits.push_back(std::move(commit));
    return Ok{};
}

std::optional<store::UserRecord> SimLog::find(uint64_t number, const std::string& secret) {
    const auto it = now_.users.find(number);
    if (it == now_.users.end() || it->second.secret != secret) return {};
    return it->second;
}

// ---- what happens to it

std::string SimLog::start() {
    store::LogFound found;
    if (marked_) {
        found.run = run_;
        found.mark = mark_;
    }
    found.runInode = runInode_;
    found.runChangedNs = runChanged_;
    if (logInode_ == 0) logInode_ = ++inodes_;
    found.logInode = logInode_;
    found.boot = std::to_string(boots_);
    found.identity = now_.identities.empty() ? "" : now_.identities.back().identity;
    found.total = total();
    found.witness = witness_;
    const store::LogVerdictAtStart verdict = judged(found);
    verdict.same ? void(identity_ = found.identity) : give(hexOf(++identitiesGiven_));
    runInode_ = ++inodes_;
    runChanged_ = ++moments_;
    run_ = {hexOf(++tokens_), found.boot, logInode_};
    mark_ = {run_.token, runInode_, runChanged_, identity_, found.total, false};
    witness_ = {run_.token, found.total};
    marked_ = true;
    return verdict.text;
}

void SimLog::give(const std::string& identity) {
    if (!now_.identities.empty()) {
        auto& ends = now_.identities.back().ends;
        for (const auto& [room, entries] : now_.rooms) ends[room] = entries.size();
    }
    now_.identities.push_back({identity, {}});
    identity_ = identity;
    now_.commits.emplace_back().identity = true;
}

void SimLog::forget() {
    lose(std::exchange(now_, {}).rooms);
    rotten_.clear();
    marked_ = false;
    identity_.clear();
}

void SimLog::lose(Rooms rooms) {
    lost_.push_back(std::move(rooms));
    lostRotten_.push_back(rotten_);
}

void SimLog::takeBack(uint64_t commits) {
    if (commits == 0) return;
    lose(now_.rooms);
    for (; commits > 0; --commits) {
        const Commit& commit = now_.commits.back();
        for (const std::string& name : commit.rooms) {
            const auto room = now_.rooms.find(name);
            room->second.pop_back();
            if (room->second.empty()) now_.rooms.erase(room);
        }
        for (const auto& id : commit.ids) now_.said.erase(id);
        for (const uint64_t user : commit.users) now_.users.erase(user);
        now_.numbers -= commit.numbers;
        if (commit.identity) {
            now_.identities.pop_back();
            if (!now_.identities.empty()) now_.identities.back().ends.clear();
        }
        now_.commits.pop_back();
    }
    noteKept();
}

void SimLog::noteKept() {
    // What is written again in the place of a damaged entry is whole.
    std::erase_if(rotten_, [&](const auto& place) {
        const auto room = now_.rooms.find(place.first);
        return room == now_.rooms.end() || place.second > room->second.size();
    });
    kept_.clear();
    for (const auto& [room, entries] : now_.rooms) kept_[room] = entries.size();
}

uint64_t SimLog::keptOf(std::string_view room) const {
    const auto it = kept_.find(room);
    return it == kept_.end() ? 0 : it->second;
}

void SimLog::machineDies(SimRng& rng) {
    ++boots_;
    witness_.reset();
    if (durability_ != Durability::Process) return;
    takeBack(rng.below(now_.commits.size() + 1));
    // Of the files beside it, some have not reached the disk.
    if (rng.oneIn(3)) marked_ = false;
    if (rng.oneIn(3)) mark_.total -= rng.below(mark_.total + 1);
}

void SimLog::cut(SimRng& rng) {
    takeBack(rng.below(now_.commits.size() + 1));
}

void SimLog::takeBackup() {
    backup_.clear();
    backup_.push_back({now_, {run_, mark_, runInode_, runChanged_, logInode_, marked_}});
    // It cannot be taken back further than to here.
    backup_.back().content.commits.clear();
}

void SimLog::restoreBackup(SimRng& rng) {
    if (backup_.empty()) return;
    lose(std::exchange(now_, backup_.back().content).rooms);
    noteKept();
    if (rng.oneIn(3)) {  // the disk as a whole, to the last byte
        const Beside& beside = backup_.back().beside;
        run_ = beside.run;
        mark_ = beside.mark;
        runInode_ = beside.runInode;
        runChanged_ = beside.runChanged;
        logInode_ = beside.logInode;
        marked_ = beside.marked;
        return;
    }
    const bool overTheFirst = rng.oneIn(2);
    if (!overTheFirst) logInode_ = ++inodes_;
    if (rng.oneIn(3)) return;  // the log alone
    run_ = backup_.back().beside.run;
    mark_ = backup_.back().beside.mark;
    marked_ = true;
    runChanged_ = ++moments_;
    if (!overTheFirst) runInode_ = ++inodes_;
}

}  // namespace netchat::simulate
