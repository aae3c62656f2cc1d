#include "modes/serve/limits/balancers.h"

#include <gmock/gmock.h>

namespace netchat::serve {
namespace {

using Poco::Net::IPAddress;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> read(const std::vector<std::string>& texts) {
    const auto networks = Balancers::parse(texts);
    if (!networks) return {networks.error().text};
    std::vector<std::string> out;
    for (const Network& network : *networks) out.push_back(network.text());
    return out;
}

TEST(Balancers, AreReadFromOneTextOrSeveral) {
    EXPECT_THAT(read({}), ElementsAre());
    EXPECT_THAT(read({"192.0.2.7"}), ElementsAre("192.0.2.7"));
    EXPECT_THAT(read({"192.0.2.0/24, 2001:db8::/32", "::ffff:127.0.0.1"}),
                ElementsAre("192.0.2.0/24", "2001:db8::/32", "127.0.0.1"));
}

TEST(Balancers, SayWhatIsWrong) {
    for (const char* text : {"", "haproxy", "192.0.2", "192.0.2.0/33", "192.0.2.7:80", "192.0.2.7,",
                             "192.0.2.7;192.0.2.8", "::1/"}) {
        EXPECT_THAT(read({text}),
                    ElementsAre(HasSubstr("such as 192.0.2.7 or 192.0.2.0/24, not '")))
            << text;
    }
    EXPECT_THAT(read({"192.0.2.7,\x1B[2J"}), ElementsAre(::testing::Not(HasSubstr("\x1B"))));
}

TEST(Balancers, AreThoseOfTheNetworks) {
    Balancers balancers;
    EXPECT_FALSE(balancers.contains(IPAddress("127.0.0.1")));
    balancers.set(*Balancers::parse({"192.0.2.0/24,::1"}));
    EXPECT_TRUE(balancers.contains(IPAddress("192.0.2.255")));
    EXPECT_TRUE(balancers.contains(IPAddress("::ffff:192.0.2.1")));
    EXPECT_TRUE(balancers.contains(IPAddress("::1")));
    EXPECT_FALSE(balancers.contains(IPAddress("192.0.3.1")));
    EXPECT_FALSE(balancers.contains(IPAddress("127.0.0.1")));
    balancers.set({});
    EXPECT_FALSE(balancers.contains(IPAddress("::1")));
}

}  // namespace
}  // namespace netchat::serve
