#include "tests/support/classic_client.h"

#include <regex>
#include <stdexcept>

namespace netchat::test {

namespace {

bool announcesFile(const std::string& text) {
    static const std::regex rule(R"(^[a-zA-Z0-9_.+-]+.\w*%$)");
    return std::regex_match(text, rule);
}

void require(bool isFile, const ClassicClient::Item& item, std::string_view user,
             std::string_view text) {
    if (item.isFile == isFile && item.user == user && item.text == text) return;
    throw std::runtime_error("expected [" + std::string(user) + "] '" + std::string(text) +
                             "', but read [" + item.user + "] '" + item.text + "'" +
                             (item.isFile ? " (a file)" : ""));
}

}  // namespace

ClassicClient::ClassicClient(uint16_t port, std::string_view name, size_t headerWidth)
    : headerWidth_(headerWidth), socket_(RawSocket::connectTo(port)) {
    socket_.sendField(name, headerWidth_);
}

void ClassicClient::sendText(std::string_view text) {
    socket_.sendField(text, headerWidth_);
}

void ClassicClient::sendFile(std::string_view name, std::string_view bytes) {
    socket_.sendField(std::string(name) + "%", headerWidth_);
    socket_.sendField(bytes, headerWidth_);
}

ClassicClient::Item ClassicClient::read() {
    Item item;
    item.user = socket_.readField(headerWidth_);
    item.text = socket_.readField(headerWidth_);
    item.isFile = announcesFile(item.text);
    if (item.isFile) {
        item.text.pop_back();
        item.bytes = socket_.readField(headerWidth_);
    }
    item.time = socket_.readField(headerWidth_);
    return item;
}

ClassicClient::Item ClassicClient::expectMessage(std::string_view user, std::string_view text) {
    const Item item = read();
    require(false, item, user, text);
    return item;
}

ClassicClient::Item ClassicClient::expectFile(std::string_view user, std::string_view name) {
    const Item item = read();
    require(true, item, user, name);
    return item;
}

void ClassicClient::exit() {
    socket_.close();
}

}  // namespace netchat::test
