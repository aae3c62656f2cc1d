#pragma once

// What moderation does to those who are here, and asks of them: the hub. Its thread only.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/moderation/bans.h"
#include "modes/serve/names/user.h"
#include "protocol/result.h"

namespace netchat::serve {

class ModerationHost {
  public:
    // By ascending number. A classic user who is expelled leaves it, and is gone.
    virtual const std::vector<User*>& present() const = 0;
    virtual NickOwner ownerOf(std::string_view nick) const = 0;
    // Tells this user why, and ends the connection.
    virtual void expel(User& user, ErrorCode code, const std::string& why) = 0;
    // Ends all connections from there, also of those who have no user yet.
    virtual void expelFrom(const std::shared_ptr<const AddressBan>& ban) = 0;
    // One line for this session; 0: for all.
    virtual void notify(SessionId session, std::string text) = 0;
    // All who are in the room leave it and are told why. Nothing where there is no such room. (The
    // name is a copy: the room, and its own name, may end with this.)
    virtual void emptyRoom(std::string name, const std::string& why) = 0;

  protected:
    ~ModerationHost() = default;
};

}  // namespace netchat::serve
