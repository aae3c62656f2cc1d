#pragma once

// What a shard and its sessions go by: what is allowed here, and how much of it.

#include <cstddef>
#include <cstdint>

#include "modes/serve/limits/limits.h"
#include "modes/serve/limits/memory_budget.h"
#include "modes/serve/limits/password.h"
#include "modes/serve/session/uploads.h"
#include "protocol/limits.h"

namespace netchat::serve {

struct ShardOptions {
    size_t index = 0;
    size_t headerWidth = 10;
    uint64_t fileBytesMax = 0;
    Limits limits = {};
    bool plainV2 = true;               // v2 also outside of TLS
    bool classic = true;               // the classic dialect at all
    PasswordGate* password = nullptr;  // null: there is none
    MemoryBudget* memory = nullptr;    // null: what is held is not counted
    bool classicFromOutside = false;   // for clients of others that a balancer here forwards
    // Smaller ones make rare things frequent: for the simulator.
    size_t windowBytes = limits::kChunkBytesMax;  // of a transfer, as it is announced
    size_t spoolBytes = Uploads::kWriteBytes;     // of an upload, for one write to the store
    size_t tailBytesMax = limits::kTailBytesMax;
};

}  // namespace netchat::serve
