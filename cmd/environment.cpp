#include "cmd/environment.h"

#include <cstdlib>

namespace netchat::cmd {

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value ? value : "";
}

}  // namespace netchat::cmd
