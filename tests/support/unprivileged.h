#pragma once

// As root every folder can be written: while this lives, the process is nobody.

#include <unistd.h>

namespace netchat::test {

class Unprivileged {
  public:
    Unprivileged() : root_(::geteuid() == 0) {
        if (root_) good_ = ::seteuid(kNobody) == 0;
    }
    ~Unprivileged() {
        if (root_ && good_) (void)!::seteuid(0);
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    bool good() const { return good_; }

  private:
    static constexpr uid_t kNobody = 65534;
    const bool root_;
    bool good_ = true;
};

}  // namespace netchat::test
