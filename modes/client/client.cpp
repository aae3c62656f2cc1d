#include "modes/client/client.h"

#include <utility>

#include "modes/client/driver.h"

namespace netchat::client {

Client::Client(Host& host, Options options, Listener& listener)
    : driver_(std::make_unique<Driver>(host, std::move(options), listener)) {
}

Client::Client(std::unique_ptr<Host> host, Options options, Listener& listener)
    : host_(std::move(host)),
      driver_(std::make_unique<Driver>(*host_, std::move(options), listener)) {
}

Client::~Client() = default;

void Client::start() {
    driver_->verb([&] { driver_->start(); });
}
std::string Client::say(std::string_view room, std::string_view text, std::string_view wanted) {
    return driver_->verb([&] {
        std::string id = wanted.empty() ? driver_->nextId() : std::string(wanted);
        driver_->session().say(id, room, text);
        return id;
    });
}
std::string Client::tell(std::string_view nick, std::string_view text, std::string_view wanted) {
    return driver_->verb([&] {
        std::string id = wanted.empty() ? driver_->nextId() : std::string(wanted);
        driver_->session().tell(id, nick, text);
        return id;
    });
}
Result<std::string> Client::upload(std::string_view room, const std::filesystem::path& file,
                                   std::string_view id, const UploadAs& as) {
    return driver_->verb([&] { return driver_->upload(room, file, id, as); });
}
void Client::join(std::string_view room, std::optional<uint64_t> since) {
    driver_->verb([&] { driver_->session().join(room, since); });
}
void Client::leave(std::string_view room) {
    driver_->verb([&] { driver_->session().leave(room); });
}
void Client::nick(std::string_view name) {
    driver_->verb([&] { driver_->session().nick(name); });
}
void Client::who(std::string_view room) {
    driver_->verb([&] { driver_->session().who(room); });
}
void Client::rooms() {
    driver_->verb([&] { driver_->session().rooms(); });
}
void Client::history(std::string_view room, uint64_t before, uint64_t count) {
    driver_->verb([&] { driver_->session().history(room, before, count); });
}
void Client::get(std::string_view sha256, std::string_view name, uint64_t size,
                 std::string_view folder, std::optional<int64_t> mtimeMs) {
    driver_->verb([&] { driver_->get({name, size, sha256, folder, mtimeMs}); });
}
void Client::op(std::string_view act, std::string_view target, uint64_t seconds,
                std::string_view reason) {
    driver_->verb([&] { driver_->session().op(act, target, seconds, reason); });
}

void Client::search(std::string_view room, std::string_view words, uint64_t before,
                    uint64_t count) {
    driver_->verb([&] { driver_->session().search(room, words, before, count); });
}
void Client::ping() {
    driver_->verb([&] { driver_->session().ping(driver_->nowMs()); });
}
void Client::bye() {
    driver_->verb([&] { driver_->bye(); });
}
void Client::disconnect() {
    driver_->verb([&] { driver_->disconnect(); });
}
void Client::retry() {
    driver_->verb([&] { driver_->retry(); });
}
void Client::reconnect() {
    driver_->verb([&] { driver_->reconnect(); });
}
Transfers Client::transfers() const {
    return driver_->transfers();
}
uint64_t Client::fileBytesMax() const {
    return driver_->session().fileBytesMax();
}
bool Client::cancel(std::string_view key) {
    return driver_->verb([&] { return driver_->cancel(key); });
}
void Client::ignore(std::string_view nick, bool ignored) {
    driver_->ignore(nick, ignored);
}
bool Client::ignores(std::string_view nick) const {
    return driver_->ignores(nick);
}
const NickSet& Client::ignored() const {
    return driver_->ignored();
}
bool Client::idle() const {
    return driver_->idle();
}
size_t Client::unacknowledged() const {
    return driver_->unacknowledged();
}
Resume Client::state() const {
    return driver_->state();
}
bool Client::connected() const {
    return driver_->session().connected();
}
const std::string& Client::nickName() const {
    return driver_->session().nickName();
}
std::string Client::checkInvariants() const {
    return driver_->checkInvariants();
}
const Options& Client::options() const {
    return driver_->options();
}

}  // namespace netchat::client
