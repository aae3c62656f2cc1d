#include "modes/net/address.h"

#include <gmock/gmock.h>

namespace netchat::net {
namespace {

using ::testing::HasSubstr;

struct AddressCase {
    std::string_view text, host;
    uint16_t port;
};

TEST(HostPort, IsReadAsPeopleTypeIt) {
    const AddressCase cases[] = {
        {"chat.example", "chat.example", 6121},
        {"chat.example:1234", "chat.example", 1234},
        {"10.0.0.7:80", "10.0.0.7", 80},
        {"::1", "::1", 6121},
        {"[::1]", "::1", 6121},
        {"[fe80::1]:65535", "fe80::1", 65535},
        {":1234", "127.0.0.1", 1234},
    };
    for (const auto& expected : cases) {
        const auto got = parseHostPort(expected.text);
        ASSERT_TRUE(got) << expected.text;
        EXPECT_EQ(got->host, expected.host) << expected.text;
        EXPECT_EQ(got->port, expected.port) << expected.text;
    }
}

TEST(HostPort, RefusesWhatIsNoAddress) {
    for (const auto* text : {"", "host:", "host:x", "host:65536", "host:-1", "[::1", "[]:1",
                             "[::1]1234", "[::1]:", "host: 1", "host:1 "}) {
        const auto got = parseHostPort(text);
        ASSERT_FALSE(got) << text;
        EXPECT_THAT(got.error().text, HasSubstr("must")) << text;
    }
}

TEST(Port, IsANumberFrom0To65535) {
    EXPECT_EQ(*parsePort("0"), 0);
    EXPECT_EQ(*parsePort("65535"), 65535);
    for (const auto* text : {"", "65536", "-1", "+1", "1.5", "abc", "99999999999"}) {
        EXPECT_FALSE(parsePort(text)) << text;
    }
}

TEST(Resolve, FindsThisMachine) {
    const auto address = resolve({"localhost", 1});
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->host().isLoopback());
}

TEST(Resolve, NamesTheHostThatItCouldNotFind) {
    const auto address = resolve({"no such host", 1});
    ASSERT_FALSE(address);
    EXPECT_THAT(address.error().text, HasSubstr("'no such host'"));
}

TEST(AddressText, ShowsEachFamilyInItsOwnForm) {
    using Poco::Net::SocketAddress;
    EXPECT_EQ(toText(SocketAddress("127.0.0.1", 6121)), "127.0.0.1:6121");
    EXPECT_EQ(toText(SocketAddress("::1", 6121)), "[::1]:6121");
    EXPECT_EQ(toText(SocketAddress("::ffff:10.0.0.7", 1)), "10.0.0.7:1");
    const unsigned char low[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xBF};
    EXPECT_EQ(toText(SocketAddress(Poco::Net::IPAddress(low, sizeof low), 1)), "[::ffbf]:1");
}

}  // namespace
}  // namespace netchat::net
