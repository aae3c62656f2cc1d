#pragma once

// A PNG without compression, for a program that is to show one: a landscape at dawn.

#include <string>

namespace netchat::test {

std::string dawnPng();

}  // namespace netchat::test
