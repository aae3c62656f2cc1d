#pragma once

// Objects of one type at numbered, stable places: dense memory for what there are many of, found
// by a number instead of a search. One thread.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace netchat::serve {

template <class T>
class Slab {
  public:
    Slab() = default;
    Slab(const Slab&) = delete;
    Slab& operator=(const Slab&) = delete;
    ~Slab() { clear(); }

    // The lowest numbers come first, and those that were given back last.
    uint32_t nextFree() const {
        return free_.empty() ? static_cast<uint32_t>(used_.size()) : free_.back();
    }
    // Makes it at nextFree().
    template <class... Args>
    T& make(Args&&... args) {
        const uint32_t slot = nextFree();
        if (slot / kBlock == blocks_.size()) blocks_.push_back(std::make_unique<Block>());
        T* const made = std::construct_at(place(slot), std::forward<Args>(args)...);
        if (slot == used_.size()) {
            used_.push_back(true);
        } else {
            free_.pop_back();
            used_[slot] = true;
        }
        ++count_;
        return *made;
    }
    T* find(uint32_t slot) const {
        return slot < used_.size() && used_[slot] ? place(slot) : nullptr;
    }
    void erase(uint32_t slot) {
        assert(find(slot));
        std::destroy_at(place(slot));
        used_[slot] = false;
        free_.push_back(slot);
        // Whoever had a great day does not keep its memory for ever.
        if (--count_ == 0) clear();
    }
    size_t size() const { return count_; }
    // All that are there have smaller numbers.
    uint32_t end() const { return static_cast<uint32_t>(used_.size()); }
    template <class Visit>
    void each(Visit visit) const {
        for (uint32_t slot = 0; slot < used_.size(); ++slot) {
            if (used_[slot]) visit(*place(slot));
        }
    }
    void clear() {
        each([](T& object) { std::destroy_at(&object); });
        blocks_.clear();
        used_ = {};
        free_ = {};
        count_ = 0;
    }

  private:
    static constexpr uint32_t kBlock = 64;
    struct Block {
        alignas(T) std::byte bytes[kBlock * sizeof(T)];
    };
    T* place(uint32_t slot) const {
        return reinterpret_cast<T*>(blocks_[slot / kBlock]->bytes) + slot % kBlock;
    }

    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<bool> used_;
    std::vector<uint32_t> free_;
    size_t count_ = 0;
};

}  // namespace netchat::serve
