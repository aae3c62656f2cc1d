#include "harness/bench/transfers.h"

#include <chrono>

namespace netchat::harness {

namespace {

constexpr std::string_view kRoom = "transfers";

}  // namespace

Transfers::Transfers(const Poco::Net::SocketAddress& address,
                     const std::shared_ptr<const net::TlsContext>& tls, size_t count,
                     uint64_t fileBytes, const std::string& nickPrefix)
    : fileBytes_(fileBytes), file_(fileBytes), left_(count + 1) {
    thread_.loop().post([this, address, tls, count, nickPrefix] {
        for (size_t i = 0; i <= count; ++i) {
            Member::Plan plan;
            plan.nick = nickPrefix + "t" + std::to_string(i);
            plan.room = kRoom;
            plan.index = i;
            plan.tls = tls;
            members_.push_back(std::make_unique<Member>(thread_.loop(), std::move(plan), *this));
            members_.back()->connect(address);
        }
    });
}

Transfers::~Transfers() {
    thread_.stop();
}

Status Transfers::waitUntilUnderWay(int64_t timeoutMs) {
    auto result = underWay_.get_future();
    if (result.wait_for(std::chrono::milliseconds(timeoutMs)) != std::future_status::ready) {
        return Error{ErrorCode::Internal, "the transfers did not begin in time"};
    }
    return result.get();
}

std::string Transfers::failure() const {
    return failed_ ? "a transfer failed" : "";
}

void Transfers::onReady(Member&) {
    if (++ready_ == members_.size()) file_.offer(*members_[0]);
}

void Transfers::onDrained(Member& member) {
    if (member.plan().index == 0) file_.drained(member);
}

void Transfers::onFile(Member& member, uint64_t, std::string_view sha256) {
    sha256_ = sha256;
    if (member.plan().index > 0) getAgain(member);
}

void Transfers::getAgain(Member& member) {
    left_[member.plan().index] = fileBytes_;
    member.get(sha256_);
    member.flushSoon();
}

void Transfers::onFileBytes(Member& member, std::string_view bytes) {
    uint64_t& left = left_[member.plan().index];
    if (!file_.matches(left, bytes)) return onFailed(member, "received other bytes than were sent");
    if (left == fileBytes_ && ++begun_ == members_.size() - 1 && !told_.exchange(true)) {
        underWay_.set_value(Status(Ok{}));
    }
    bytes_ += bytes.size();
    left -= bytes.size();
    if (left == 0) getAgain(member);
}

void Transfers::onFailed(Member& member, std::string_view why) {
    failed_ = true;
    if (told_.exchange(true)) return;
    underWay_.set_value(Error{ErrorCode::Internal, member.plan().nick + ": " + std::string(why)});
}

}  // namespace netchat::harness
