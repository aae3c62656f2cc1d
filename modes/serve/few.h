#pragma once

// A vector of small plain values, of which there is nearly always one at most: that one lies
// inside. A user is in one room, a session has one seat; there are many users.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace netchat::serve {

template <class T>
class Few {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Few() = default;
    Few(Few&& other) noexcept { swap(other); }
    Few& operator=(Few&& other) noexcept {
        Few taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Few() {
        if (capacity_ > 1) delete[] storage_.many;
    }

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* begin() { return capacity_ > 1 ? storage_.many : &storage_.one; }
    T* end() { return begin() + size_; }
    const T* begin() const { return capacity_ > 1 ? storage_.many : &storage_.one; }
    const T* end() const { return begin() + size_; }
    T& operator[](size_t i) { return begin()[i]; }
    const T& operator[](size_t i) const { return begin()[i]; }

    void push_back(const T& value) {
        const T copy = value;
        if (size_ == capacity_) grow();
        begin()[size_++] = copy;
    }
    void erase(T* at) {
        assert(at >= begin() && at < end());
        std::copy(at + 1, end(), at);
        --size_;
    }
    void clear() { *this = Few(); }

  private:
    void grow() {
        T* const more = new T[size_t{capacity_} * 4];
        std::copy(begin(), end(), more);
        if (capacity_ > 1) delete[] storage_.many;
        storage_.many = more;
        capacity_ *= 4;
    }
    void swap(Few& other) noexcept {
        std::swap(storage_, other.storage_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    union Storage {
        Storage() : one() {}
        T one;
        T* many;
    };
    Storage storage_;
    uint32_t size_ = 0, capacity_ = 1;
};

}  // namespace netchat::serve
