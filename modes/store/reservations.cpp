#include "modes/store/reservations.h"

#include <string>

#include "protocol/size_text.h"

namespace netchat::store {

namespace {

// 8 MiB of a store of 8 GiB: what people drop into a chat, mostly.
constexpr uint64_t kSmallPart = 1024;
constexpr uint64_t kPartForAll = 2;

bool exceeds(uint64_t bytes, uint64_t size, uint64_t most) {
    return size > most || bytes > most - size;
}

}  // namespace

Reservations::Reservations(uint64_t storeBytes, uint64_t bytesPerOwner)
    : storeBytes_(storeBytes), bytesPerOwner_(bytesPerOwner), smallBytes_(storeBytes / kSmallPart) {
}

Status Reservations::take(Owner owner, uint64_t size) {
    if (size > storeBytes_) {
        return Error{ErrorCode::NoRoom, "the server has no space for a file of " + sizeText(size) +
                                            ": it stores at most " + sizeText(storeBytes_)};
    }
    Class& sum = classOf(size);
    const auto own = sum.byOwner.find(owner);
    const uint64_t owned = own == sum.byOwner.end() ? 0 : own->second;
    if (owner != 0 && owned > 0 && exceeds(owned, size, bytesPerOwner_)) {
        return Error{ErrorCode::NoRoom, "uploads of " + sizeText(owned) +
                                            " from your address are in progress; at most " +
                                            sizeText(bytesPerOwner_) +
                                            " are allowed: wait for one to finish"};
    }
    // Whoever has announced nothing else is not kept out by the announcements of a few.
    const uint64_t all = owned > 0 || owner == 0 ? storeBytes_ / kPartForAll : storeBytes_;
    if (sum.bytes > 0 && exceeds(sum.bytes, counted(size), all)) {
        return Error{ErrorCode::NoRoom, "uploads of " + sizeText(sum.bytes) +
                                            " to this server are in progress; at most " +
                                            sizeText(all) + " are allowed: try again later"};
    }
    sum.bytes += counted(size);
    if (owner != 0 && size > 0) sum.byOwner[owner] += counted(size);
    return Ok{};
}

void Reservations::release(Owner owner, uint64_t size) {
    Class& sum = classOf(size);
    sum.bytes -= counted(size);
    const auto own = sum.byOwner.find(owner);
    if (own == sum.byOwner.end()) return;
    own->second -= counted(size);
    if (own->second == 0) sum.byOwner.erase(own);
}

}  // namespace netchat::store
