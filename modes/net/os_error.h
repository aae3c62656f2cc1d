#pragma once

// The operating system's errors as a person reads them: one way of saying them for all of net.

#include <Poco/Exception.h>

#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::net {

// "connection refused", from an errno.
std::string osErrorText(int error);

// "WHAT: connection refused". Timeout for ETIMEDOUT, otherwise Internal.
Error osError(std::string_view what, int error);
Error osError(std::string_view what, const Poco::Exception& exception);

}  // namespace netchat::net
