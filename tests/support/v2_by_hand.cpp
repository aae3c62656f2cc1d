#include "tests/support/v2_by_hand.h"

namespace netchat::test {

namespace {

V2ByHand::Frame parse(const std::string& payload) {
    V2ByHand::Frame frame;
    const size_t headEnd = payload.find('\n');
    std::string head = payload.substr(0, headEnd);
    if (headEnd != std::string::npos) frame.body = payload.substr(headEnd + 1);
    head += '\t';
    size_t from = head.find('\t');
    frame.verb = head.substr(0, from);
    for (size_t to; (to = head.find('\t', ++from)) != std::string::npos; from = to) {
        const std::string part = head.substr(from, to - from);
        const size_t colon = part.find(':');
        if (colon != std::string::npos)
            frame.labels[part.substr(0, colon)] = part.substr(colon + 1);
    }
    return frame;
}

}  // namespace

std::string V2ByHand::Frame::operator[](const std::string& label) const {
    const auto found = labels.find(label);
    return found == labels.end() ? "" : found->second;
}

V2ByHand::V2ByHand(uint16_t port, std::string_view nick, std::string_view room) : V2ByHand(port) {
    hello(nick);
    send("join", "room:" + std::string(room));
    readUntil("joined");
}

V2ByHand::Frame V2ByHand::hello(std::string_view nick) {
    send("netchat/2", "nick:" + std::string(nick));
    return read();
}

void V2ByHand::send(std::string_view verb, std::string_view labels, std::string_view body) {
    std::string payload(verb);
    if (!labels.empty()) payload.append("\t").append(labels);
    socket_.sendField(payload.append("\n").append(body));
}

V2ByHand::Frame V2ByHand::read() {
    return parse(socket_.readField());
}

V2ByHand::Frame V2ByHand::readUntil(std::string_view verb) {
    for (;;) {
        Frame frame = read();
        if (frame.verb == verb) return frame;
    }
}

V2ByHand::Frame V2ByHand::say(std::string_view room, std::string_view id, std::string_view text) {
    send("say", "room:" + std::string(room) + "\tid:" + std::string(id), text);
    for (;;) {
        Frame frame = readUntil("msg");
        if (frame["id"] == id) return frame;
    }
}

}  // namespace netchat::test
