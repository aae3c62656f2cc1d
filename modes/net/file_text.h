#pragma once

// The text of a small file that somebody names: settings, a password, a certificate and its key.
// Any thread. It may be a pipe, which is waited for, but not for ever: whoever reads may be the one
// that is to end the server.

#include <filesystem>
#include <string>

#include "protocol/result.h"

namespace netchat::net {

// The whole of it. The error's text is the reason alone, for a sentence that names the file. It is
// not waited for longer than 30 s, nor after a SIGTERM or SIGINT that this thread has blocked.
Result<std::string> readFileText(const std::filesystem::path& file, size_t bytesMax);

// The same up to the first LF, which is left out.
Result<std::string> readFirstLine(const std::filesystem::path& file, size_t bytesMax);

}  // namespace netchat::net
