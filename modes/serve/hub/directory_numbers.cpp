// The numbers of new users, and the keys that those will have.

#include "modes/serve/hub/directory.h"

namespace netchat::serve {

// Numbers come from the log in blocks: a restart wastes some, and repeats none.
Status Directory::reserveNumber() {
    if (!log_ || lastNumber_ < reservedTo_) return Ok{};
    constexpr uint64_t kBlock = 1024;
    const auto first = log_->reserve(kBlock);
    if (!first) return first.error();
    lastNumber_ = *first - 1;
    reservedTo_ = lastNumber_ + kBlock;
    if (log_->addsLate()) prepareKeys(*first, kBlock);
    return Ok{};
}

void Directory::prepareKeys(UserId first, size_t count) {
    keysFirst_ = first;
    keys_.clear();
    std::vector<store::UserRecord> users;
    for (size_t i = 0; i < count; ++i) {
        User user;
        user.number = first + i;
        user.dialect = Dialect::V2;
        user.key = keys_.emplace_back(makeSecret_());
        users.push_back({user.number, {}, user.secret()});
    }
    log_->prepare(users);
}

Key Directory::keyOf(UserId number) const {
    const bool prepared = number >= keysFirst_ && number - keysFirst_ < keys_.size();
    return prepared ? keys_[number - keysFirst_] : makeSecret_();
}

}  // namespace netchat::serve
