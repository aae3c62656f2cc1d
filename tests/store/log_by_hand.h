#pragma once

// What the tests of the log on SQLite do with it, in few words.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/store/sqlite_room_log.h"
#include "tests/store/draft_of.h"

namespace netchat::store {

inline std::unique_ptr<SqliteRoomLog> openLog(const std::filesystem::path& file,
                                              Durability durability = Durability::Process,
                                              SqliteRoomLog::Tell tell = {}) {
    auto log = SqliteRoomLog::open(file, durability, std::move(tell));
    if (!log) ADD_FAILURE() << log.error().text;
    return log ? std::move(*log) : nullptr;
}

inline uint64_t sayTo(RoomLog& log, const Draft& draft) {
    const auto result = log.append({&draft, 1});
    EXPECT_TRUE(result) << result.error().text;
    return result ? (*result)[0].seq : 0;
}

// Each entry in one line, "5 alice: text"; what is lost as "lost 5" or "lost 5-7".
inline std::vector<std::string> linesOf(const RoomLog& log, std::string_view room,
                                        uint64_t from = 1) {
    std::vector<std::string> lines;
    const auto status = log.read(room, from, [&](const Entry& e) {
        const std::string seq = std::to_string(e.seq);
        if (e.kind == EntryKind::Lost) {
            const std::string last = std::to_string(e.seq + e.size - 1);
            lines.push_back("lost " + seq + (e.size > 1 ? "-" + last : ""));
        } else {
            lines.push_back(seq + " " + std::string(e.from) + ": " + std::string(e.text));
        }
        return true;
    });
    EXPECT_TRUE(status) << status.error().text;
    return lines;
}

inline std::string bytesOfFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline void writeFile(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace netchat::store
