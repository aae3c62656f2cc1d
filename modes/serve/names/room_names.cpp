#include "modes/serve/names/room_names.h"

#include <algorithm>

#include "modes/serve/names/confusable.h"

namespace netchat::serve {

namespace {

template <class Names>
auto placeOf(Names& names, std::string_view name) {
    const auto [from, to] = names.equal_range(lookHash(name));
    const auto it = std::find_if(from, to, [&](const auto& one) { return one.second == name; });
    return it == to ? names.end() : it;
}

}  // namespace

void RoomNames::add(std::string_view name) {
    if (placeOf(names_, name) == names_.end()) names_.emplace(lookHash(name), name);
}

void RoomNames::remove(std::string_view name) {
    const auto it = placeOf(names_, name);
    if (it != names_.end()) names_.erase(it);
}

bool RoomNames::has(std::string_view name) const {
    return placeOf(names_, name) != names_.end();
}

std::string RoomNames::like(std::string_view name) const {
    const auto [from, to] = names_.equal_range(lookHash(name));
    for (auto it = from; it != to; ++it) {
        if (it->second != name && looksAlike(it->second, name)) return it->second;
    }
    return {};
}

}  // namespace netchat::serve
