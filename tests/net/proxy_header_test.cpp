#include "modes/net/proxy_header.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace netchat::net {
namespace {

using ::testing::HasSubstr;
using Command = ProxyHeader::Command;

std::string bytesOf(std::vector<unsigned> numbers) {
    return {numbers.begin(), numbers.end()};
}

const std::string kSignature =
    bytesOf({0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A});

std::string header(unsigned command, unsigned family, const std::string& rest) {
    const auto size = static_cast<unsigned>(rest.size());
    return kSignature + bytesOf({command, family, size >> 8, size & 0xFF}) + rest;
}

// 192.0.2.7, 192.0.2.1, ports 40112 and 6121.
const std::string kIPv4 = bytesOf({192, 0, 2, 7, 192, 0, 2, 1, 0x9C, 0xB0, 0x17, 0xE9});

// As haproxy 2.6 has sent them, with the options crc32c and unique-id.
const std::string kOfHaproxy = header(
    0x21, 0x11,
    bytesOf({0x7f, 0x00, 0x00, 0x02, 0x7f, 0x00, 0x00, 0x01, 0xb4, 0x73, 0x42, 0x69, 0x03, 0x00,
             0x04, 0xbf, 0x15, 0xb4, 0x58, 0x05, 0x00, 0x05, 0x31, 0x34, 0x36, 0x36, 0x37}));
const std::string kCheckOfHaproxy =
    header(0x20, 0x00, bytesOf({0x03, 0x00, 0x04, 0xa9, 0xb8, 0x7e, 0x8f}));

std::string clientOf(const std::string& whole) {
    const auto parsed = ProxyHeader::parse(whole);
    if (!parsed) return parsed.error().text;
    return parsed->client ? parsed->client->toString() : "unknown";
}

std::string refusalOf(const std::string& bytes) {
    const auto missing = ProxyHeader::missing(bytes);
    if (!missing) return missing.error().text;
    if (*missing > 0) return "incomplete";
    const auto parsed = ProxyHeader::parse(bytes);
    return parsed ? "" : parsed.error().text;
}

TEST(ProxyHeader, SaysForWhomAConnectionWasMade) {
    EXPECT_EQ(clientOf(header(0x21, 0x11, kIPv4)), "192.0.2.7:40112");
    const std::string ends = bytesOf({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}) +
                             std::string(16, '\1') + bytesOf({0x9C, 0xB0, 0x17, 0xE9});
    EXPECT_EQ(clientOf(header(0x21, 0x21, ends)), "[2001:db8::9]:40112");
    EXPECT_EQ(ProxyHeader::parse(header(0x21, 0x11, kIPv4))->command, Command::Forward);
}

TEST(ProxyHeader, IsReadAsHaproxySendsIt) {
    EXPECT_EQ(clientOf(kOfHaproxy), "127.0.0.2:46195");
    const auto check = ProxyHeader::parse(kCheckOfHaproxy);
    ASSERT_TRUE(check);
    EXPECT_EQ(check->command, Command::Local);
    EXPECT_FALSE(check->client);
}

// What is read for it is never more than it has.
TEST(ProxyHeader, SaysHowMuchIsMissing) {
    const std::string whole = header(0x21, 0x11, kIPv4);
    EXPECT_EQ(*ProxyHeader::missing(""), 16U);
    for (size_t size = 0; size < 16; ++size) {
        EXPECT_EQ(*ProxyHeader::missing(whole.substr(0, size)), 16 - size);
    }
    for (size_t size = 16; size <= whole.size(); ++size) {
        EXPECT_EQ(*ProxyHeader::missing(whole.substr(0, size)), whole.size() - size);
    }
}

TEST(ProxyHeader, ALocalOneIsTheBalancersWhateverElseItSays) {
    for (const std::string& whole :
         {header(0x20, 0x00, ""), header(0x20, 0x11, kIPv4), header(0x20, 0x11, "short"),
          header(0x20, 0x41, ""), header(0x20, 0xFF, kIPv4),
          header(0x20, 0x00, std::string(300, '\xFF'))}) {
        const auto parsed = ProxyHeader::parse(whole);
        ASSERT_TRUE(parsed) << parsed.error().text;
        EXPECT_EQ(parsed->command, Command::Local);
        EXPECT_FALSE(parsed->client);
    }
}

TEST(ProxyHeader, OtherFamiliesHaveAClientThatIsNotKnown) {
    for (const std::string& whole :
         {header(0x21, 0x00, ""), header(0x21, 0x00, std::string(9, '\xFF')),
          header(0x21, 0x01, ""), header(0x21, 0x12, kIPv4), header(0x21, 0x10, kIPv4),
          header(0x21, 0x22, std::string(36, 'a')), header(0x21, 0x31, std::string(216, 'p')),
          header(0x21, 0x32, std::string(216, 'p'))}) {
        EXPECT_EQ(clientOf(whole), "unknown");
        EXPECT_EQ(ProxyHeader::parse(whole)->command, Command::Forward);
    }
}

TEST(ProxyHeader, SkipsWhatElseTheBalancerTells) {
    const std::string alpn = bytesOf({0x01, 0, 2, 'h', '2'}), empty = bytesOf({0x04, 0, 0}),
                      custom = bytesOf({0xE0, 0, 3, 'a', 'b', 'c'});
    EXPECT_EQ(clientOf(header(0x21, 0x11, kIPv4 + alpn + empty + custom)), "192.0.2.7:40112");
}

TEST(ProxyHeader, RefusesWhatEndsWithinATlv) {
    for (const std::string& tlv : {bytesOf({0x01}), bytesOf({0x01, 0}), bytesOf({0x01, 0, 1}),
                                   bytesOf({0x01, 0xFF, 0xFF, 'a'})}) {
        EXPECT_THAT(refusalOf(header(0x21, 0x11, kIPv4 + tlv)), HasSubstr("within a TLV"));
    }
}

TEST(ProxyHeader, RefusesAWrongChecksum) {
    for (size_t at : {16, 20, 26, 33, 40}) {
        std::string damaged = kOfHaproxy;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        EXPECT_THAT(refusalOf(damaged), HasSubstr("checksum does not match")) << at;
    }
    const std::string shorter = bytesOf({0x03, 0, 3, 1, 2, 3});
    EXPECT_THAT(refusalOf(header(0x21, 0x11, kIPv4 + shorter)),
                HasSubstr("checksum does not match"));
}

TEST(ProxyHeader, RefusesWhatIsNone) {
    for (const std::string& bytes :
         {std::string("21        netchat/2"), bytesOf({0x16, 3, 1, 2, 0}), std::string(1, '\0'),
          kSignature.substr(0, 11) + "x", std::string("\r\nGET / HTTP/1.1"), std::string("P")}) {
        EXPECT_THAT(refusalOf(bytes), HasSubstr("no PROXY header"));
    }
}

TEST(ProxyHeader, RefusesVersion1ByItsName) {
    EXPECT_THAT(refusalOf("PROXY TCP4 192.0"), HasSubstr("version 1"));
    EXPECT_THAT(refusalOf("PROXY UNKNOWN\r\n"), HasSubstr("send-proxy-v2"));
}

TEST(ProxyHeader, RefusesUnknownVersionsCommandsAndFamilies) {
    EXPECT_THAT(refusalOf(header(0x31, 0x11, kIPv4)), HasSubstr("unknown version 3"));
    EXPECT_THAT(refusalOf(header(0x11, 0x11, kIPv4)), HasSubstr("unknown version 1"));
    EXPECT_THAT(refusalOf(header(0x22, 0x11, kIPv4)), HasSubstr("unknown command 2"));
    EXPECT_THAT(refusalOf(header(0x2F, 0x11, kIPv4)), HasSubstr("unknown command 15"));
    for (const unsigned family : {0x41U, 0xF1U, 0x13U, 0x1FU}) {
        EXPECT_THAT(refusalOf(header(0x21, family, kIPv4)), HasSubstr("unknown address family"));
    }
}

TEST(ProxyHeader, RefusesWhatIsTooShortForItsAddresses) {
    EXPECT_THAT(refusalOf(header(0x21, 0x11, kIPv4.substr(1))), HasSubstr("too short"));
    EXPECT_THAT(refusalOf(header(0x21, 0x12, "")), HasSubstr("too short"));
    EXPECT_THAT(refusalOf(header(0x21, 0x21, std::string(35, 'a'))), HasSubstr("too short"));
    EXPECT_THAT(refusalOf(header(0x21, 0x31, std::string(215, 'a'))), HasSubstr("too short"));
}

// By its length, before the rest has come.
TEST(ProxyHeader, RefusesWhatIsTooLong) {
    const size_t most = ProxyHeader::kBytesMax - 16 - kIPv4.size() - 3;
    const auto padded = [](size_t bytes) {
        const auto size = static_cast<unsigned>(bytes);
        return kIPv4 + bytesOf({0x04, size >> 8, size & 0xFF}) + std::string(bytes, '\0');
    };
    EXPECT_EQ(clientOf(header(0x21, 0x11, padded(most))), "192.0.2.7:40112");
    EXPECT_EQ(refusalOf(header(0x21, 0x11, padded(most + 1)).substr(0, 16)),
              "PROXY header of 4097 bytes; it must have at most 4096");
    EXPECT_THAT(refusalOf(kSignature + bytesOf({0x20, 0x00, 0xFF, 0xFF})), HasSubstr("65551"));
}

}  // namespace
}  // namespace netchat::net
