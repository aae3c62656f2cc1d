// verifyLog(): what must hold of a data folder.

#include <Poco/Crypto/DigestEngine.h>

#include <fstream>
#include <set>
#include <utility>
#include <vector>

#include "modes/store/log_mark.h"
#include "modes/store/log_reader.h"
#include "modes/store/log_transfer.h"
#include "modes/store/sanction_check.h"
#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

// Nobody reads more of it.
constexpr size_t kWrongMax = 100;

class Verifier {
  public:
    // `found`: beside the log, before that was opened: a server at work may go on meanwhile.
    Verifier(const fs::path& folder, LogReader& reader, LogFound found)
        : folder_(folder), reader_(reader), found_(std::move(found)) {}

    Result<LogVerdict> run(const std::string& room) {
        const auto faults = reader_.faults();
        if (!faults) {
            // What cannot be read is what was to be found out.
            complain(faults.error().text);
            return std::move(verdict_);
        }
        for (const std::string& fault : *faults) complain(fault);
        const auto rooms = reader_.rooms(room);
        if (!rooms) return rooms.error();
        if (room.empty()) checkEnd(*rooms);
        for (const auto& one : *rooms) checkRoom(one);
        if (room.empty()) {
            checkFiles();
            for (const std::string& fault : faultsOfSanctions(folder_)) complain(fault);
        }
        countMissing();
        return std::move(verdict_);
    }

  private:
    void complain(const std::string& what) {
        if (verdict_.wrong.size() < kWrongMax) verdict_.wrong.push_back(what);
    }

    // A write-ahead log that was cut leaves a log that is whole, but for its end.
    void checkEnd(const std::vector<LogReader::Room>& rooms) {
        for (const auto& room : rooms) found_.total += room.last;
        const uint64_t missing = missingEntries(found_);
        if (missing == 0) return;
        complain(std::to_string(missing) + (missing == 1 ? " entry is" : " entries are") +
                 " missing at its end: it had " + std::to_string(found_.mark->total) +
                 ", and has " + std::to_string(found_.total));
    }

    void checkRoom(const LogReader::Room& room) {
        ++verdict_.rooms;
        uint64_t next = room.first;
        auto status = reader_.forEachEntry(room, [&](const LogLine& line) {
            const uint64_t seq = line.entry.seq;
            if (line.kind == LogLine::Kind::Lost) {
                next = seq + line.entry.size;
                if (!line.entry.time) complainOfLost(room, seq, line.entry.size);
                return true;
            }
            ++verdict_.entries;
            if (seq != next)
                complain(placeIn(room, seq) + " where " + std::to_string(next) + " is expected");
            next = seq + 1;
            if (line.kind == LogLine::Kind::File) checkAnnounced(room, line.entry);
            return true;
        });
        if (!status) return complain("room " + room.name + ": " + status.error().text);
        if (next != room.last + 1) {
            complain("room " + room.name + " ends with " + std::to_string(next - 1) +
                     ", not with " + std::to_string(room.last));
        }
    }
    // What is Lost and has a time was taken out of the log, and says so.
    void complainOfLost(const LogReader::Room& room, uint64_t first, uint64_t count) {
        const std::string last = std::to_string(first + count - 1);
        complain("room " + room.name + " has lost " + std::to_string(first) +
                 (count > 1 ? " to " + last : "") + ": damaged or missing");
    }
    static std::string placeIn(const LogReader::Room& room, uint64_t seq) {
        return "room " + room.name + " has " + std::to_string(seq);
    }

    void checkAnnounced(const LogReader::Room& room, const KeptEntry& entry) {
        if (!checkSha256(entry.sha256)) {
            return complain(placeIn(room, entry.seq) + ", a file without a SHA-256");
        }
        announced_.insert(entry.sha256);
    }

    void checkFiles() {
        std::error_code error;
        for (const auto& file : fs::directory_iterator(folder_ / "files", error)) {
            const std::string name = file.path().filename().string();
            if (!checkSha256(name) || !file.is_regular_file(error)) continue;
            const auto found = hashOf(file.path());
            // A server at work may have dropped it since.
            if (found.empty() && !fs::exists(file.path(), error)) continue;
            ++verdict_.files;
            if (found != name) complain("the file " + name + " does not match its SHA-256");
        }
    }
    // Empty where it cannot be read.
    static std::string hashOf(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        if (!in) return {};
        Poco::Crypto::DigestEngine digest("SHA256");
        std::string piece(limits::kMiB, '\0');
        while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
            digest.update(piece.data(), static_cast<size_t>(in.gcount()));
        }
        if (in.bad()) return {};
        return Poco::DigestEngine::digestToHex(digest.digest());
    }

    void countMissing() {
        std::error_code error;
        for (const std::string& sha256 : announced_) {
            if (!fs::exists(folder_ / "files" / sha256, error)) ++verdict_.missingFiles;
        }
    }

    const fs::path& folder_;
    LogReader& reader_;
    LogFound found_;
    LogVerdict verdict_;
    std::set<std::string> announced_;
};

}  // namespace

Result<LogVerdict> verifyLog(const fs::path& folder, const std::string& room) {
    LogFound found = findLastRun(folder / "log.sqlite");
    auto reader = LogReader::open(folder / "log.sqlite");
    if (!reader) return reader.error();
    return Verifier(folder, **reader, std::move(found)).run(room);
}

}  // namespace netchat::store
