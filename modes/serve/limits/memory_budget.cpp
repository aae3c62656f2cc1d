#include "modes/serve/limits/memory_budget.h"

#include <unistd.h>

#include <algorithm>

#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// Less is not worth the allocator's time.
constexpr size_t kLoad = 16 * limits::kMiB;

}  // namespace

void MemoryBudget::holds(std::ptrdiff_t more) {
    const size_t now = held_ += static_cast<size_t>(more);
    if (more > 0) {
        for (size_t peak = peak_; now > peak && !peak_.compare_exchange_weak(peak, now);) {
        }
        if (now > max_ && !woken_.exchange(true)) wake_();
        return;
    }
    size_t peak = peak_;
    if (peak < kLoad || now > peak / 4) return;
    if (peak_.compare_exchange_strong(peak, now)) gaveBack_();
}

size_t MemoryBudget::fairShare() const {
    return max_ / static_cast<size_t>(std::max(1, holders_.load()));
}

size_t defaultMemoryMax() {
    const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) return limits::kMemoryMax;
    return std::min(limits::kMemoryMax, static_cast<size_t>(pages) / 4 * static_cast<size_t>(size));
}

}  // namespace netchat::serve
