#include "tests/screens/palette.h"

#include <cstddef>

namespace netchat::test {

namespace {

constexpr uint32_t kFirst[] = {0x1c1f26, 0xcc4b4b, 0x5fa641, 0xc4a000, 0x2f5d9e, 0x8a5a99,
                               0x2a9c9e, 0xd3d7cf, 0x5c6370, 0xef5a5a, 0x8ae234, 0xfce94f,
                               0x729fcf, 0xad7fa8, 0x34e2e2, 0xeeeeec};

uint32_t level(int step) {
    return step == 0 ? 0 : static_cast<uint32_t>(55 + 40 * step);
}

}  // namespace

uint32_t paletteColor(int index) {
    if (index < 16) return kFirst[static_cast<size_t>(index)];
    if (index < 232) {
        const int cube = index - 16;
        return level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6);
    }
    return static_cast<uint32_t>(8 + 10 * (index - 232)) * 0x010101U;
}

}  // namespace netchat::test
