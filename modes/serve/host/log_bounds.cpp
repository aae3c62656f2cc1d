#include "modes/serve/host/log_bounds.h"

#include <algorithm>
#include <system_error>

#include "protocol/size_text.h"

namespace netchat::serve {

namespace {

uint64_t sizeOfDisk(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    return error ? UINT64_MAX : space.capacity;
}

}  // namespace

LogBounds::LogBounds(const std::filesystem::path& folder, const store::RoomLog& log)
    : LogBounds(sizeOfDisk(folder), log) {
}

LogBounds::LogBounds(uint64_t diskBytes, const store::RoomLog& log) : heldBytes_(log.bytesInAll()) {
    log.eachRoom([&](std::string_view room, const store::Range&) {
        largestBytes_ = std::max(largestBytes_, log.keptBytes(room));
    });
    byDiskBytes_ = std::min(kAllBytesMax, diskBytes / kPartOfDisk);
    allBytes_ = std::max(byDiskBytes_, heldBytes_);
    roomBytes_ = std::max(std::min(kRoomBytesMax, byDiskBytes_ / 2), largestBytes_);
}

store::Retention LogBounds::applied(store::Retention wanted) const {
    if (wanted.allBytes == store::Retention::kByDisk) wanted.allBytes = allBytes_;
    if (wanted.bytes == store::Retention::kByDisk) wanted.bytes = roomBytes_;
    return wanted;
}

std::vector<std::string> LogBounds::toTell(const store::Retention& wanted) const {
    std::vector<std::string> texts;
    const std::string held = "the log holds " + sizeText(heldBytes_) + ", more than ";
    const std::string forgotten =
        ": the oldest messages are now deleted, little by little, until it fits";
    const bool byDisk = wanted.allBytes == store::Retention::kByDisk;
    if (byDisk && heldBytes_ > byDiskBytes_) {
        texts.push_back(
            held + "the default limit of " + sizeText(byDiskBytes_) +
            " for this disk: it is kept, but does not grow; --log-size sets another limit");
    } else if (!byDisk && wanted.allBytes > 0 && heldBytes_ > wanted.allBytes) {
        texts.push_back(held + "--log-size " + sizeText(wanted.allBytes) + forgotten +
                        ", from the largest rooms first");
    }
    if (wanted.bytes != store::Retention::kByDisk && wanted.bytes > 0 &&
        largestBytes_ > wanted.bytes) {
        texts.push_back("a room holds " + sizeText(largestBytes_) + ", more than --keep-size " +
                        sizeText(wanted.bytes) + forgotten);
    }
    return texts;
}

}  // namespace netchat::serve
