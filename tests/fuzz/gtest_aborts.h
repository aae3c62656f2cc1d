#pragma once

// The benches of the unit tests expect things as they go: here whatever they do not get ends the
// run. Included by the one file of a target that uses them.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace netchat::fuzz {

class AbortsOnFailure : public ::testing::EmptyTestEventListener {
    void OnTestPartResult(const ::testing::TestPartResult& result) override {
        if (!result.failed()) return;
        std::fprintf(stderr, "%s:%d: %s\n", result.file_name() ? result.file_name() : "",
                     result.line_number(), result.message());
        std::abort();
    }
};

}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    // Its options are not the fuzzer's.
    int none = 1;
    char name[] = "fuzz";
    char* names[] = {name, nullptr};
    ::testing::InitGoogleTest(&none, names);
    ::testing::UnitTest::GetInstance()->listeners().Append(new netchat::fuzz::AbortsOnFailure);
    return 0;
}
