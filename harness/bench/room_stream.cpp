#include "harness/bench/room_stream.h"

#include <algorithm>
#include <cstring>

namespace netchat::harness {

size_t RoomStream::follow(Place& place, std::string_view bytes) const {
    const size_t most = std::min<size_t>(bytes.size(), end() - place.at);
    if (most == 0) return 0;
    if (std::memcmp(bytes_.data() + (place.at - start_), bytes.data(), most) != 0) return 0;
    place.at += most;
    while (place.index < count() && message(place.index).end <= place.at) ++place.index;
    return most;
}

std::string RoomStream::begun(Place& place) const {
    const uint64_t from = endOf(place.index);
    const std::string bytes = bytes_.substr(from - start_, place.at - from);
    place.at = from;
    return bytes;
}

void RoomStream::append(std::string_view bytes, const Stamp& stamp) {
    bytes_ += bytes;
    messages_.push_back({end(), stamp});
}

void RoomStream::dropBefore(uint64_t index) {
    if (index <= dropped_) return;
    const uint64_t from = endOf(index);
    bytes_.erase(0, from - start_);
    messages_.erase(messages_.begin(),
                    messages_.begin() + static_cast<std::ptrdiff_t>(index - dropped_));
    start_ = from;
    dropped_ = index;
}

}  // namespace netchat::harness
