#pragma once

// Moderation: carries out what operators order about people and rooms (kick, ban, mute, closed
// rooms, who is an operator, the message of the day), and knows which sanctions hold now. A
// sanction is kept in the store before it holds; on an error it does not.
//
// The hub's thread only. Times are Unix time in ms, the trusted one.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/serve/moderation/admin_command.h"
#include "modes/serve/moderation/bans.h"
#include "modes/serve/moderation/moderation_host.h"
#include "modes/store/sanction_store.h"
#include "protocol/result.h"

namespace netchat::serve {

class Moderation {
  public:
    using PublishBans = std::function<void(std::shared_ptr<const AddressBans>)>;

    explicit Moderation(ModerationHost& host) : host_(host) {}

    // The sanctions of before this start.
    struct Kept {
        std::vector<store::Sanction> sanctions = {};
        std::string cloakKey = {};
        store::SanctionStore* store = nullptr;  // null: sanctions do not outlast the server
        PublishBans publishBans = {};           // the bans by address, whenever they change
    };
    void load(Kept kept);
    void setNow(int64_t ms) { nowMs_ = ms; }
    // As of Hub::timeBelieved().
    void timeBelieved(int64_t sinceMs, int64_t byMs);

    // ---- what operators order
    // `by`: who orders it, for the record. A sentence that says what was done, or why it was not.
    Result<std::string> carryOut(const AdminCommand& order, const std::string& by);
    // Those called so; "#12" is the user with that number.
    std::vector<User*> usersNamed(const std::string& target) const;

    // ---- what holds
    bool isOperator(const User& user) const { return sanctions_.isOperator(user); }
    bool isMuted(const User& user) const { return sanctions_.muteOf(user, nowMs_) != nullptr; }
    // The same, and remembers it in the user.
    bool refreshMuted(User& user) const {
        user.muted = isMuted(user);
        return user.muted;
    }
    Error mutedError(const User& user) const;
    // Nothing: the room is open, and whoever it is is welcome. `user`: who it is, where that is
    // known.
    std::optional<Error> closedError(std::string_view room) const;
    // Of a room that is to be made: also where its name only looks like that of a closed one.
    std::optional<Error> closedLikeError(std::string_view room) const;
    std::optional<Error> bannedError(std::string_view nick, const User* user,
                                     AddressKey host) const;
    std::string cloakOf(AddressKey host) const { return sanctions_.cloakOf(host); }
    std::string motd() const { return sanctions_.motd(); }
    // Null: there is none, or it was set before that.
    const std::string* motdSince(int64_t ms) const;
    // For operators: all sanctions, but for the motd.
    std::vector<Row> rows() const;

  private:
    struct BanPlan {
        std::string nick;                        // empty: a network or a cloak is banned
        NickOwner owner;                         // of the nick
        std::vector<User*> users;                // who are called so, or alike
        std::vector<store::Sanction> sanctions;  // that of the target first
    };
    Result<BanPlan> planBan(const AdminCommand& order, const std::string& by) const;
    Status addAddresses(BanPlan& plan, const AdminCommand& order, const std::string& by) const;
    Status checkSlip(const BanPlan& plan, const AdminCommand& order) const;
    void enforce(const BanPlan& plan);
    std::vector<User*> usersMeant(std::string_view nick, UserId owner) const;
    // Whether a word is the cloak, without its prefix, of somebody who is present.
    bool isCloakHere(std::string_view word) const;
    store::Sanction sanctionOf(Sanctions::Kind kind, std::string target, const AdminCommand& order,
                               const std::string& by) const;
    static Error nobodyIs(const std::string& target);

    Result<std::string> kick(const AdminCommand& order);
    Result<std::string> ban(const AdminCommand& order, const std::string& by);
    Result<std::string> unban(const AdminCommand& order);
    Result<std::string> mute(const AdminCommand& order, const std::string& by);
    Result<std::string> unmute(const AdminCommand& order);
    Result<std::string> closeRoom(const AdminCommand& order, const std::string& by);
    Result<std::string> openRoom(const AdminCommand& order);
    Result<std::string> setMotd(const AdminCommand& order, const std::string& by);
    Result<std::string> makeOperator(const AdminCommand& order, const std::string& by);
    Result<std::string> unmakeOperator(const AdminCommand& order);
    void publish() const;

    ModerationHost& host_;
    Sanctions sanctions_;
    PublishBans publishBans_;
    int64_t nowMs_ = 0;
};

}  // namespace netchat::serve
