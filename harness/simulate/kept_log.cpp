#include "harness/simulate/kept_log.h"

#include <utility>

namespace netchat::simulate {

Status KeptLog::usable() const {
    if (trouble == Trouble::Full) return Error{ErrorCode::NoRoom, "the disk is full"};
    if (trouble == Trouble::Failing) return Error{ErrorCode::Internal, "the disk does not write"};
    return Ok{};
}

const KeptLog::Place* KeptLog::earlier(const store::Entry& entry) const {
    if (entry.id.empty()) return nullptr;
    const auto it = said_.find({entry.user, std::string(entry.id)});
    return it == said_.end() ? nullptr : &it->second;
}

Result<std::vector<store::Appended>> KeptLog::append(std::span<const store::Draft> drafts) {
    if (doubt_) return Error{ErrorCode::Internal, "it is not known what the log has"};
    if (auto status = usable(); !status) return status.error();
    if (trouble == Trouble::Unsure && !drafts.empty()) {
        doubt_ = Doubt{doubtStands, {}};
        for (const auto& [room, e] : drafts) {
            doubt_->drafts.push_back({std::string(room),
                                      {e.kind, e.time, e.user, e.size, std::string(e.id),
                                       std::string(e.from), std::string(e.text),
                                       std::string(e.sha256)}});
        }
        return Error{ErrorCode::Internal, "the disk does not say what it has written"};
    }
    auto result = put(drafts);
    if (dieInAppend && !drafts.empty()) {
        dieInAppend = false;
        throw ServerDied();
    }
    return result;
}

std::vector<store::Appended> KeptLog::put(std::span<const store::Draft> drafts) {
    std::vector<store::Appended> result;
    for (const store::Draft& draft : drafts) {
        if (const auto said = alreadySaid(draft)) {
            result.push_back(*said);
            continue;
        }
        const store::Entry& e = draft.entry;
        auto& room = rooms_[std::string(draft.room)];
        room.push_back({e.kind, e.time, e.user, e.size, std::string(e.id), std::string(e.from),
                        std::string(e.text), std::string(e.sha256)});
        if (!e.id.empty()) {
            said_[{e.user, std::string(e.id)}] = {std::string(draft.room), room.size()};
        }
        result.push_back({room.size(), false});
    }
    return result;
}

void KeptLog::eachRoom(const RoomVisitor& visit) const {
    for (const auto& [name, entries] : rooms()) visit(name, {1, entries.size()});
}

std::optional<store::Appended> KeptLog::alreadySaid(const store::Draft& draft) {
    const Place* place = earlier(draft.entry);
    if (!place) return {};
    return store::Appended{place->seq, true, place->room != draft.room};
}

// Nothing: it is not in the log.
std::optional<std::vector<store::Appended>> KeptLog::settle() {
    const auto doubt = std::exchange(doubt_, {});
    if (!doubt || !doubt->stands) return {};
    std::vector<store::Draft> drafts;
    for (const auto& [room, entry] : doubt->drafts) drafts.push_back({room, entry.view(0)});
    return put(drafts);
}

Result<std::vector<store::Appended>> KeptLog::findOut() {
    const Error error{ErrorCode::Internal, "the disk does not write"};
    if (trouble != Trouble::None) return error;
    auto found = settle();
    if (!found) return error;
    return std::move(*found);
}

store::Range KeptLog::range(std::string_view room) const {
    const auto it = rooms_.find(room);
    return it == rooms_.end() ? store::Range{} : store::Range{1, it->second.size()};
}

Status KeptLog::read(std::string_view room, uint64_t seq, const Visitor& visit) const {
    const auto it = rooms_.find(room);
    if (it == rooms_.end()) return Ok{};
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

const KeptEntry* KeptLog::entry(std::string_view room, uint64_t seq, size_t epoch) const {
    const Rooms& all = rooms(epoch);
    const auto it = all.find(room);
    if (it == all.end() || seq < 1 || seq > it->second.size()) return nullptr;
    return &it->second[seq - 1];
}

Result<uint64_t> KeptLog::reserve(uint64_t count) {
    if (auto status = usable(); !status) return status.error();
    const uint64_t first = numbers_ + 1;
    numbers_ += count;
    return first;
}

Status KeptLog::add(std::span<const store::UserRecord> users) {
    if (auto status = usable(); !status) return status;
    for (const store::UserRecord& user : users) users_[user.number] = user;
    return Ok{};
}

std::optional<store::UserRecord> KeptLog::find(uint64_t number, const std::string& secret) {
    const auto it = users_.find(number);
    if (it == users_.end() || it->second.secret != secret) return {};
    return it->second;
}

void KeptLog::forget() {
    lost_.push_back(std::exchange(rooms_, {}));
    said_.clear();
    rotten_.clear();
    users_.clear();
    numbers_ = 0;
}

}  // namespace netchat::simulate
