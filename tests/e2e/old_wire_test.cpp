// A client of an earlier version, byte for byte, at this server: what it says is answered as ever.

#include <gmock/gmock.h>

#include <map>
#include <optional>

#include "tests/support/old_wire.h"
#include "tests/support/raw_socket.h"
#include "tests/support/server_process.h"

namespace netchat::test {
namespace {

std::string verbOf(const std::string& payload) {
    return payload.substr(0, payload.find_first_of("\t\n"));
}

std::map<std::string, std::string> labelsOf(const std::string& payload) {
    std::map<std::string, std::string> labels;
    const std::string head = payload.substr(0, payload.find('\n')) + "\t";
    for (size_t from = head.find('\t') + 1; from < head.size();) {
        const size_t end = head.find('\t', from), colon = head.find(':', from);
        labels[head.substr(from, colon - from)] = head.substr(colon + 1, end - colon - 1);
        from = end + 1;
    }
    return labels;
}

// What is each server's or each moment's own.
bool isOwn(const std::string& label) {
    return label == "session" || label == "time" || label == "server" || label == "transfer";
}

class OldClient {
  public:
    explicit OldClient(uint16_t port) : port_(port) {}

    void replay(const std::vector<OldFrame>& frames) {
        for (const OldFrame& frame : frames) {
            if (frame.mark == '=') socket_.emplace(RawSocket::connectTo(port_));
            if (frame.mark == '>') socket_->sendField(withSecret(frame.payload));
            if (frame.mark == '<') expect(frame.payload);
        }
    }

  private:
    std::string withSecret(std::string payload) const {
        if (verbOf(payload) != "netchat/2" || oldSecret_.empty()) return payload;
        const size_t at = payload.find(oldSecret_);
        if (at != std::string::npos) payload.replace(at, oldSecret_.size(), secret_);
        return payload;
    }
    void expect(const std::string& old) {
        std::string payload = socket_->readField();
        while (verbOf(payload) != verbOf(old)) payload = socket_->readField();
        auto before = labelsOf(old), now = labelsOf(payload);
        if (verbOf(old) == "welcome") {
            oldSecret_ = before["session"];
            secret_ = now["session"];
        }
        for (const auto& [label, value] : before) {
            ASSERT_EQ(now.count(label), 1u) << label << " is missing in " << payload;
            if (isOwn(label)) continue;
            EXPECT_EQ(now[label], value) << label << " in " << payload;
        }
        EXPECT_EQ(now.count("common"), 0u) << payload;
        const std::string body = old.substr(old.find('\n'));
        if (body.find("time:") != std::string::npos) return;
        EXPECT_EQ(payload.substr(payload.find('\n')), body);
    }

    const uint16_t port_;
    std::optional<RawSocket> socket_;
    std::string oldSecret_, secret_;
};

TEST(OldWire, AnOldClientIsAnsweredAsEver) {
    const TempFolder folder;
    const std::string data = (folder / "data").string();
    ServerProcess server({"--data", data});
    OldClient(server.port()).replay(oldWire(OLD_WIRE));
}

}  // namespace
}  // namespace netchat::test
