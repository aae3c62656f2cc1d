#include "harness/run/bot_memory.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace netchat::harness {

namespace {

uint64_t numberOf(std::string_view id) {
    uint64_t number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    return number;
}

}  // namespace

void BotMemory::take(const Record& record, std::string_view id) {
    if (record.seq != 0 && record.room != kNoRoom) {
        uint64_t& newest = seen[record.room];
        newest = std::max(newest, record.seq);
    }
    const bool own = record.sender == record.bot;
    switch (record.kind) {
        case Kind::Joined:
            seen.try_emplace(record.room, record.seq);
            break;
        case Kind::Sent:
            lastId = std::max(lastId, numberOf(id));
            said[record.number] = {record.room, std::string(id)};
            ++next;
            break;
        case Kind::Refused:
            said.erase(record.number);
            break;
        case Kind::Received:
        case Kind::Corrupted:
            if (own) said.erase(record.number);
            break;
        case Kind::Upload:
            lastId = std::max(lastId, numberOf(id));
            begun.insert(record.number);
            uploads[record.number] = id;
            break;
        case Kind::Uploaded:
        case Kind::UploadRefused:
            uploads.erase(record.number);
            break;
        case Kind::Announced:
            if (!own) wanted.insert(record.number);
            break;
        case Kind::FileReceived:
        case Kind::FileCorrupted:
        case Kind::FileFailed:
            wanted.erase(record.number);
            break;
        default:
            break;
    }
}

client::Resume BotMemory::resume(const Workload& workload, uint32_t bot) const {
    client::Resume out;
    out.secret = secret;
    out.user = user;
    out.nick = nick;
    out.lastId = lastId;
    for (const auto& [room, seq] : seen) out.rooms.push_back({workload.rooms[room], seq});
    for (const auto& [number, one] : said) {
        out.said.push_back({client::Said::Kind::Say, one.id, workload.rooms[one.room],
                            makeText(workload.payload, bot, number)});
    }
    return out;
}

std::string BotMemory::write() const {
    std::ostringstream out;
    out << "user " << secret << ' ' << nick << ' ' << user << ' ' << lastId << ' ' << next << '\n';
    for (const auto& [room, seq] : seen) out << "seen " << room << ' ' << seq << '\n';
    for (const auto& [number, one] : said) {
        out << "said " << number << ' ' << one.room << ' ' << one.id << '\n';
    }
    for (const auto& [file, id] : uploads) out << "upload " << file << ' ' << id << '\n';
    for (const uint32_t file : begun) out << "begun " << file << '\n';
    for (const uint32_t file : wanted) out << "wanted " << file << '\n';
    return out.str();
}

Result<BotMemory> BotMemory::read(std::string_view text) {
    BotMemory out;
    std::istringstream in{std::string(text)};
    for (std::string word; in >> word;) {
        uint32_t number = 0;
        if (word == "user") {
            in >> out.secret >> out.nick >> out.user >> out.lastId >> out.next;
        } else if (word == "seen") {
            uint16_t room = 0;
            uint64_t seq = 0;
            in >> room >> seq;
            out.seen[room] = seq;
        } else if (word == "said") {
            Said one;
            in >> number >> one.room >> one.id;
            out.said[number] = one;
        } else if (word == "upload") {
            std::string id;
            in >> number >> id;
            out.uploads[number] = id;
        } else if (word == "begun" && in >> number) {
            out.begun.insert(number);
        } else if (word == "wanted" && in >> number) {
            out.wanted.insert(number);
        } else {
            return Error{ErrorCode::BadValue, "a bot's memory does not say '" + word + "'"};
        }
    }
    return out;
}

}  // namespace netchat::harness
