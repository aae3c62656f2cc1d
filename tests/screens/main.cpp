// The full screen of `netchat connect` in an emulated terminal: pictures of it, and what it costs.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/screens/measure.h"
#include "tests/screens/shots.h"

int main(int argc, char** argv) {
    using namespace netchat::test;
    constexpr int kFailed = 1, kUsage = 64;
    const std::string_view command = argc > 1 ? argv[1] : "";
    const bool shots = command == "shots" && argc == 4;
    const bool measured = command == "measure" && argc == 3;
    if (!shots && !measured) {
        std::fputs("usage: netchat_screens shots NETCHAT FOLDER | measure NETCHAT\n", stderr);
        return kUsage;
    }
    try {
        const std::string netchat = std::filesystem::absolute(argv[2]).string();
        std::setvbuf(stdout, nullptr, _IOLBF, 0);
        if (shots) takeShots(netchat, std::filesystem::absolute(argv[3]));
        if (measured) measure(netchat);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "netchat_screens: %s\n", error.what());
        return kFailed;
    }
    return 0;
}
