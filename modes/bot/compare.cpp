#include "modes/bot/compare.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

constexpr size_t kCompareSliceBytes = 256 * 1024;

Comparison unreadable(const std::filesystem::path& path) {
    return {Comparison::Verdict::Unreadable, "cannot read " + forLog(path.string(), 300)};
}

size_t slice(std::ifstream& file, std::vector<char>& buffer) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    return static_cast<size_t>(file.gcount());
}

}  // namespace

Comparison compareFiles(const std::filesystem::path& received,
                        const std::filesystem::path& wanted) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(received, error)) return unreadable(received);
    if (!std::filesystem::is_regular_file(wanted, error)) return unreadable(wanted);
    std::ifstream a(received, std::ios::binary), b(wanted, std::ios::binary);
    if (!a) return unreadable(received);
    if (!b) return unreadable(wanted);
    std::vector<char> left(kCompareSliceBytes), right(kCompareSliceBytes);
    for (uint64_t at = 0;;) {
        size_t inLeft = slice(a, left), inRight = slice(b, right);
        if (a.bad()) return unreadable(received);
        if (b.bad()) return unreadable(wanted);
        size_t common = std::min(inLeft, inRight);
        auto end = left.begin() + static_cast<std::ptrdiff_t>(common);
        auto differs = std::mismatch(left.begin(), end, right.begin());
        if (differs.first != end || inLeft != inRight) {
            at += static_cast<uint64_t>(differs.first - left.begin());
            return {Comparison::Verdict::Different,
                    forLog(received.string(), 300) + " differs from " +
                        forLog(wanted.string(), 300) + " at byte " + std::to_string(at) +
                        (differs.first != end ? "" : ", where one of them ends")};
        }
        if (inLeft == 0) return {Comparison::Verdict::Equal, {}};
        at += inLeft;
    }
}

}  // namespace netchat::bot
