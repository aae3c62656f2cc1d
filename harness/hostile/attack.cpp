#include "harness/hostile/attack.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace netchat::harness::hostile {

std::string_view kindName(Kind kind) {
    switch (kind) {
        case Kind::Framing:
            return "framing";
        case Kind::Slow:
            return "slow";
        case Kind::Floods:
            return "floods";
        case Kind::Identity:
            return "identity";
        case Kind::Transfers:
            return "transfers";
        case Kind::Text:
            return "text";
        case Kind::Resources:
            return "resources";
    }
    return {};
}

const std::vector<Attack>& allAttacks() {
    static const std::vector<Attack> all = [] {
        std::vector<Attack> out;
        for (auto* const some :
             {&framingAttacks, &classicFramingAttacks, &slowAttacks, &floodAttacks,
              &identityAttacks, &transferAttacks, &textAttacks, &resourceAttacks}) {
            std::ranges::copy(some(), std::back_inserter(out));
        }
        std::ranges::stable_sort(out, {}, &Attack::number);
        return out;
    }();
    return all;
}

const Attack* findAttack(std::string_view wanted) {
    const auto& all = allAttacks();
    const auto it = std::ranges::find_if(all, [&](const Attack& attack) {
        return attack.name == wanted || std::to_string(attack.number) == wanted;
    });
    return it == all.end() ? nullptr : &*it;
}

}  // namespace netchat::harness::hostile
