#pragma once

// Names cut to a column, so that no two are cut to the same text. A name keeps its text for as long
// as it is remembered. Pure; one thread.
//
//     in 9 columns:   alice                  alice
//                     alexander-the-great    alexande…
//                     alexander-the-small    alexan…ll    as much of its end as tells them apart
//                     alexander-in-the-hall  alexa…all

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace netchat::connect {

class ShortNames {
  public:
    // Forgets names where they are many: before a frame, all of whose names then differ.
    void begin(int columns);
    // At most so many columns of safe text; all of it where it fits. Valid until begin().
    const std::string& of(std::string_view safeName);

  private:
    static constexpr size_t kNamesMax = 10'000;

    std::string unused(std::string_view name) const;
    bool isFree(const std::string& text, std::string_view name) const;

    size_t columns_ = 0;
    std::unordered_map<std::string, std::string> shortOf_;  // by name
    std::unordered_map<std::string, std::string> nameOf_;   // by the text in its place
};

}  // namespace netchat::connect
