#pragma once

// What must hold in every run, and the first thing that did not.
//
//     unlogged     what is shown is in the log
//     altered      as it is there
//     lost         nobody misses an entry of a room that he is in
//     doubled      nor sees one twice
//     not-member   nobody sees a room that he is not in
//     presence     nobody is told that he has come where he is
//     order        logs keep what each said in order
//     unanswered   what was said is in the log or was refused
//     twice        and is there once
//     refused      what was refused is not in the log
//     file         files arrive, whole
//     resent       a transfer goes on where it was cut
//     bounded      no session holds too much
//     terms        what session and connection owe each other
//     leak         nothing is left of who has gone
//     invariant    what server and clients keep agrees with itself
//     alive        in the end everyone is there and has everything

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "harness/simulate/sim_log.h"
#include "harness/simulate/trace.h"
#include "modes/client/event.h"

namespace netchat::simulate {

struct Violation {
    std::string invariant, text;
};

class InvariantChecker {
  public:
    InvariantChecker(const SimLog& log, Trace& trace) : log_(log), trace_(trace) {}

    void violated(const std::string& invariant, const std::string& text);
    const std::optional<Violation>& first() const { return first_; }

    // Bytes arrive that a server sent whose log has been lost since, or not.
    void arrivesFrom(size_t epoch) { epoch_ = epoch; }
    // Somebody sees this entry.
    void shown(const std::string& who, const store::Entry& entry, std::string_view room);
    // The log may have grown.
    void look();
    // The log has refused something for a while. Who does not hear of a refusal, since the
    // connection is cut, says it again after what came later; and what is refused then may be what
    // was taken before.
    void logFailed() { logFailed_ = true; }
    bool logHasFailed() const { return logFailed_; }
    // Said by somebody who was not in the room, so that it is refused. Who does not hear of that
    // says it again, and may be in the room by then: after what came later.
    void saidOutside(uint64_t number) { outside_.insert(number); }
    // Who offers the same bytes, as the same or another.
    void offered(const std::string& sha256, const std::string& by) { offers_[sha256].insert(by); }
    size_t offerersOf(const std::string& sha256) { return offers_[sha256].size(); }
    // A stored file was damaged: whoever fetches it may be refused, until it is offered again.
    void rotted(const std::string& sha256) { rotten_.insert(sha256); }
    bool isRotten(std::string_view sha256) const { return rotten_.count(sha256) != 0; }
    const std::set<std::string, std::less<>>& rotten() const { return rotten_; }
    // The log is another than it was: all of it was lost, as promised, or a part of it, or it was
    // put back from a copy.
    void beginAnew();
    // Of a log that does not end with its server.
    void logChanged() {
        logChanged_ = true;
        beginAnew();
    }
    bool logHasChanged() const { return logChanged_; }
    // Its past was changed once at most, and it had no more identities than that takes: who is sent
    // back is sent back to the last entry that both have, and no further.
    bool knowsTheCommonEntry() const { return log_.epoch() == 1 && log_.identities() == 2; }
    uint64_t commonIn(std::string_view room, uint64_t read) const {
        return std::min(read, log_.keptOf(room));
    }

    // The rooms as the server had them whose bytes arrive.
    const SimLog::Rooms& rooms() const { return log_.rooms(epoch_); }
    // Of a message or a file's name: whether it is in any log.
    bool inLog(const std::string& text) const { return texts_.count(text) != 0; }
    // Whether all of them are damaged: then nobody can be told more than that.
    bool areRotten(std::string_view room, uint64_t first, uint64_t last) const {
        for (uint64_t seq = first; seq <= last; ++seq) {
            if (!log_.isRotten(room, seq, epoch_)) return false;
        }
        return true;
    }
    uint64_t lastSeq(std::string_view room) const { return log_.range(room).last; }

  private:
    const SimLog& log_;
    Trace& trace_;
    std::optional<Violation> first_;
    size_t epoch_ = 0;
    bool logFailed_ = false, logChanged_ = false;
    std::map<std::string, size_t, std::less<>> seen_;         // entries that were looked at
    std::map<std::string, uint64_t, std::less<>> shownMost_;  // the highest seq
    std::set<std::string> texts_;
    std::set<uint64_t> outside_;
    std::map<std::string, std::set<std::string>> offers_;
    std::set<std::string, std::less<>> rotten_;  // by SHA-256
    std::map<std::string, uint64_t> saidLast_;   // by client's life and room
};

// Each text is its sayer's and has a number that no other has.
std::string textOf(const std::string& who, uint64_t number, uint64_t size);
std::string fileNameOf(const std::string& who, uint64_t number);
std::string fileBytesOf(uint64_t number, uint64_t size);
// "c1.0" and 17 of "c1.0 #17 …" or "c1.0_17.bin".
std::string sayerOf(std::string_view text);
uint64_t numberOf(std::string_view text);

}  // namespace netchat::simulate
