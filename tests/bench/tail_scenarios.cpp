// The tail: a publication added, gathered by every subscription, found again, and dropped.

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "modes/serve/session/tail.h"
#include "tests/bench/scenario.h"

namespace netchat::bench {

namespace {

using namespace serve;

constexpr size_t kV2 = indexOf(Dialect::V2);
constexpr size_t kEntries = 16, kEntryBytes = 160;  // of a publication

// Never asked for anything: the subscriptions only name it.
Subscriber& nobody() {
    alignas(std::max_align_t) static char place[1];
    return reinterpret_cast<Subscriber&>(place);
}

class Turns : public Scenario {
  public:
    explicit Turns(size_t subscriptions) : subscriptions_(subscriptions) {
        for (size_t i = 0; i < subscriptions; ++i) tail_.subscribe(kV2, tail_.end(kV2), nobody());
    }
    void prepare() override { next_ = publication(); }
    void step() override {
        tail_.add(std::move(next_));
        std::array<iovec, 64> pieces;
        const uint64_t end = tail_.end(kV2);
        for (Subscription& subscription : tail_.subscriptions(kV2)) {
            if (tail_.gather(kV2, subscription.at, pieces.data(), pieces.size()) != 1) std::abort();
            subscription.at = end;
        }
        tail_.clear();
    }
    size_t items() const override { return subscriptions_; }

  private:
    std::shared_ptr<const Publication> publication() {
        auto out = std::make_shared<Publication>();
        auto segment = std::make_shared<Segment>(kEntries * kEntryBytes);
        std::memset(segment->bytes.get(), 'x', segment->capacity);
        for (size_t i = 1; i <= kEntries; ++i) {
            Item item{++seq_, 1, {}};
            item.end[kV2] = static_cast<uint32_t>(kEntryBytes * i);
            out->items.push_back(item);
        }
        out->runs[kV2] = {segment, 0, segment->capacity};
        out->lastSeq = seq_;
        return out;
    }

    size_t subscriptions_;
    uint64_t seq_ = 0;
    Tail tail_{1, "lobby", 0};
    std::shared_ptr<const Publication> next_;

    friend class Finds;
};

// Subscriptions that are behind look for their place in a full tail.
class Finds : public Scenario {
  public:
    explicit Finds(size_t publications) {
        for (size_t i = 0; i < publications; ++i) {
            from_.prepare();
            from_.tail_.add(std::move(from_.next_));
        }
        end_ = from_.tail_.end(kV2);
    }
    void step() override {
        for (size_t i = 0; i < kFinds; ++i) {
            const uint64_t at = end_ / kFinds * i;
            const auto found = from_.tail_.find(kV2, at);
            if (found.begin > at || found.end <= at) std::abort();
        }
    }
    size_t items() const override { return kFinds; }

  private:
    static constexpr size_t kFinds = 64;
    Turns from_{1};
    uint64_t end_ = 0;
};

}  // namespace

void addTail(std::vector<Named>& out) {
    for (const size_t subscriptions : {100, 1000, 10'000}) {
        out.push_back({"tail/turn/" + std::to_string(subscriptions) + "seats",
                       [subscriptions] { return std::make_unique<Turns>(subscriptions); }});
    }
    for (const size_t publications : {4, 64, 256}) {
        out.push_back({"tail/find/" + std::to_string(publications) + "publications",
                       [publications] { return std::make_unique<Finds>(publications); }});
    }
}

}  // namespace netchat::bench
