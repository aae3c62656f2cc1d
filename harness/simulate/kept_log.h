#pragma once

// The room log and the users of a simulated server: what SQLite is to a real one, with its promise
// made explicit. It is a disk, too: it outlives the server that writes to it.
//
//     append() ----> commits: what was returned is kept as `durability` says
//     processDies()  memory: all is gone
//     machineDies()  disk: nothing is gone
//
// What is in doubt stands in the log or not; nobody knows before findOut() or the next start.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/simulate/scenario.h"
#include "modes/store/room_log.h"
#include "modes/store/user_log.h"

namespace netchat::simulate {

// The server died in the middle of what it did. Caught by the world, which runs the server.
struct ServerDied : std::runtime_error {
    ServerDied() : std::runtime_error("the server died") {}
};

struct KeptEntry {
    store::EntryKind kind;
    int64_t time;
    uint64_t user, size;
    std::string id, from, text, sha256;
    store::Entry view(uint64_t seq) const {
        return {kind, seq, time, user, id, from, text, sha256, size};
    }
};

class KeptLog : public store::RoomLog, public store::UserLog {
  public:
    enum class Trouble { None, Full, Failing, Unsure };

    explicit KeptLog(Durability durability) : durability_(durability) {}

    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override;
    void eachRoom(const RoomVisitor& visit) const override;
    bool isUnsure() const override { return doubt_.has_value(); }
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override;
    Result<std::vector<store::Appended>> findOut() override;
    store::Range range(std::string_view room) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    std::string_view durability() const override { return nameOf(durability_); }

    Result<uint64_t> reserve(uint64_t count) override;
    Status add(std::span<const store::UserRecord> users) override;
    std::optional<store::UserRecord> find(uint64_t number, const std::string& secret) override;

    void processDies() {
        settle();
        if (durability_ == Durability::Memory) forget();
    }
    bool lastsOverProcess() const { return durability_ != Durability::Memory; }

    // ---- for whoever judges
    using Rooms = std::map<std::string, std::vector<KeptEntry>, std::less<>>;
    const Rooms& rooms() const { return rooms_; }
    // How often everything was lost so far, and what there was before it was.
    size_t epoch() const { return lost_.size(); }
    const Rooms& rooms(size_t epoch) const { return epoch < lost_.size() ? lost_[epoch] : rooms_; }
    const KeptEntry* entry(std::string_view room, uint64_t seq, size_t epoch) const;

    // It was damaged, and is read as lost.
    bool isRotten(std::string_view room, uint64_t seq) const {
        return rotten_.count({std::string(room), seq}) > 0;
    }
    void rot(const std::string& room, uint64_t seq) { rotten_.insert({room, seq}); }

    Trouble trouble = Trouble::None;
    bool doubtStands = false;  // Unsure: what is in doubt is in the log, and is found there
    bool dieInAppend = false;  // the next that is not empty is kept, and nobody hears of it

  protected:
    // 0: (user, id) was not said before, or not in this room.
    struct Place {
        std::string room;
        uint64_t seq;
    };
    virtual const Place* earlier(const store::Entry& entry) const;

  private:
    struct Doubt {
        bool stands;
        std::vector<std::pair<std::string, KeptEntry>> drafts;
    };

    void forget();
    Status usable() const;
    std::vector<store::Appended> put(std::span<const store::Draft> drafts);
    std::optional<std::vector<store::Appended>> settle();

    Durability durability_;
    Rooms rooms_;
    std::vector<Rooms> lost_;
    std::map<std::pair<uint64_t, std::string>, Place> said_;
    std::optional<Doubt> doubt_;
    std::set<std::pair<std::string, uint64_t>> rotten_;
    uint64_t numbers_ = 0;
    std::map<uint64_t, store::UserRecord> users_;
};

}  // namespace netchat::simulate
