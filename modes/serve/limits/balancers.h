#pragma once

// The machines whose word is taken for who their clients are: the balancers in front of the server,
// by their networks. Any thread; may change while the server runs.

#include <Poco/Net/IPAddress.h>

#include <string>
#include <vector>

#include "modes/mutex.h"
#include "modes/serve/limits/network.h"
#include "protocol/result.h"

namespace netchat::serve {

class Balancers {
  public:
    // Of texts that each hold one network or more, with commas in between.
    static Result<std::vector<Network>> parse(const std::vector<std::string>& texts);

    void set(std::vector<Network> networks);
    bool contains(const Poco::Net::IPAddress& address) const;

  private:
    mutable Mutex mutex_;
    std::vector<Network> networks_ GUARDED_BY(mutex_);
};

}  // namespace netchat::serve
