#include "modes/serve/host/exclusive_ownership.h"

#include <sys/stat.h>

#include <string>

#include "protocol/shell_word.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

Status checkNobodyElseWrites(const std::filesystem::path& path, std::string_view what) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return Ok{};
    const bool group = (about.st_mode & S_IWGRP) != 0, others = (about.st_mode & S_IWOTH) != 0;
    if (!group && !others) return Ok{};
    const std::string shown = forLog(path.native(), 300);
    return Error{ErrorCode::BadState, std::string(what) + " " + shown + " can be written by " +
                                          (others ? "others" : "its group") + "; chmod go-w " +
                                          shellOperand(path.native()).value_or("PATH")};
}

}  // namespace netchat::serve
