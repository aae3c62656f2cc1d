#pragma once

// A vector of small plain values, of which there is nearly always one at most: that one lies
// inside. A user is in one room, a session has one subscription; there are many users.
//
// It holds up to 65,535. Declared [[no_unique_address]], it lends its owner the five bytes behind
// its own counts.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace netchat::serve {

template <class T>
class InlinedVector {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    InlinedVector() = default;
    InlinedVector(InlinedVector&& other) noexcept { swap(other); }
    InlinedVector& operator=(InlinedVector&& other) noexcept {
        InlinedVector taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~InlinedVector() {
        if (grown_ > 0) delete[] storage_.many;
    }

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* begin() { return grown_ > 0 ? storage_.many : &storage_.one; }
    T* end() { return begin() + size_; }
    const T* begin() const { return grown_ > 0 ? storage_.many : &storage_.one; }
    const T* end() const { return begin() + size_; }
    T& operator[](size_t i) { return begin()[i]; }
    const T& operator[](size_t i) const { return begin()[i]; }

    // NOLINTNEXTLINE(readability-identifier-naming): as std::vector names it
    void push_back(const T& value) {
        const T copy = value;
        if (size_ == capacity()) grow();
        begin()[size_++] = copy;
    }
    void erase(T* at) {
        assert(at >= begin() && at < end());
        std::copy(at + 1, end(), at);
        --size_;
    }
    void clear() { *this = InlinedVector(); }

  private:
    // 1, 4, 16 and so on.
    size_t capacity() const { return size_t{1} << (2 * grown_); }
    void grow() {
        assert(size_ < UINT16_MAX);
        T* const more = new T[capacity() * 4];
        std::copy(begin(), end(), more);
        if (grown_ > 0) delete[] storage_.many;
        storage_.many = more;
        ++grown_;
    }
    void swap(InlinedVector& other) noexcept {
        std::swap(storage_, other.storage_);
        std::swap(size_, other.size_);
        std::swap(grown_, other.grown_);
    }

    union Storage {
        Storage() : one() {}
        T one;
        T* many;
    };
    Storage storage_;
    uint16_t size_ = 0;
    uint8_t grown_ = 0;  // how often it was; 0: the one lies inside
};

}  // namespace netchat::serve
