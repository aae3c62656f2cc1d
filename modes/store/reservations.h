#pragma once

// How much may be announced and not be there yet. An announcement costs nothing and takes nothing
// from anybody; what is bounded is how much of the store could be promised to those who may never
// send it: of one owner (an address) and in all.
//
// Small files have bounds of their own, so that large ones, announced and never sent, do not shut
// them out.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

// Pure; one thread.
class Reservations {
  public:
    // Who announces: the same for the same address. 0: only the bounds for all together.
    using Owner = uint64_t;

    explicit Reservations(uint64_t storeBytes, uint64_t bytesPerOwner);

    // NoRoom, saying what there is too much of. The only file of an owner may be as large as the
    // store, but counts as no more than one owner may announce; and it may be one more than the
    // bound for all, as long as all together are not more than the store.
    Status take(Owner owner, uint64_t size);
    void release(Owner owner, uint64_t size);

    uint64_t bytes() const { return classes_[0].bytes + classes_[1].bytes; }

    // One that was taken and not released.
    struct Taken {
        Owner owner;
        uint64_t size;
    };
    // Whether these are all that there are; empty: yes.
    std::string checkInvariants(const std::vector<Taken>& all) const;

  private:
    friend struct InvariantsTest;  // plants faults

    struct Class {
        uint64_t bytes = 0;
        std::map<Owner, uint64_t> byOwner = {};
    };
    uint64_t counted(uint64_t size) const { return std::min(size, bytesPerOwner_); }
    size_t classIndex(uint64_t size) const { return size > smallBytes_ ? 1 : 0; }
    Class& classOf(uint64_t size) { return classes_[classIndex(size)]; }

    const uint64_t storeBytes_, bytesPerOwner_, smallBytes_;
    std::array<Class, 2> classes_;  // of small files, of large ones
};

}  // namespace netchat::store
