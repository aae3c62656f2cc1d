#pragma once

// Two files, byte by byte. Blocks while it reads. Any thread.

#include <filesystem>
#include <string>

namespace netchat::bot {

struct Comparison {
    enum class Verdict { Equal, Different, Unreadable };
    Verdict verdict;
    std::string text;  // where they differ, or which could not be read; neutralised
};

Comparison compareFiles(const std::filesystem::path& received, const std::filesystem::path& wanted);

}  // namespace netchat::bot
