// Runs one target without a fuzzer: over the files of the folders named, and over so many mutants
// of them, the same ones each time. What it failed on is printed, and kept to be run again:
//
//     frames_fuzz --mutants 2000 tests/fuzz/seeds/frames tests/fuzz/regressions/frames

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include <unistd.h>

#include "tests/fuzz/fuzz.h"

extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace netchat::fuzz {
namespace {

namespace fs = std::filesystem;

std::string current;  // what is being run

void keepCurrent() {
    const std::string path = "failed-" + std::to_string(getpid()) + ".bin";
    std::ofstream(path, std::ios::binary) << current;
    std::cerr << "failed on these " << current.size() << " bytes, kept in " << path << ":\n"
              << current << std::endl;
}

void onSignal(int number) {
    std::signal(number, SIG_DFL);
    keepCurrent();
    std::raise(number);
}

void run(std::string input) {
    current = std::move(input);
    // Without room behind it, so that a byte too far is seen by AddressSanitizer.
    const std::vector<uint8_t> bytes(current.begin(), current.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::string> filesOf(const std::vector<fs::path>& folders) {
    std::vector<fs::path> paths;
    for (const auto& folder : folders) {
        if (fs::is_regular_file(folder)) paths.push_back(folder);
        if (!fs::is_directory(folder)) continue;
        for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> files;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return files;
}

std::string mutant(const std::vector<std::string>& files, std::mt19937_64& random) {
    const auto upTo = [&](size_t most) { return static_cast<size_t>(random() % (most + 1)); };
    std::string text = files.empty() ? std::string() : files[upTo(files.size() - 1)];
    for (size_t n = 1 + upTo(5); n > 0; --n) {
        const size_t at = upTo(text.size());
        const std::string other = files.empty() ? text : files[upTo(files.size() - 1)];
        switch (upTo(5)) {
            case 0:
                text.insert(at, 1, static_cast<char>(upTo(255)));
                break;
            case 1:
                text.erase(at, 1 + upTo(16));
                break;
            case 2:
                text.insert(at, text.substr(upTo(text.size()), 1 + upTo(60)));
                break;
            case 3:
                text.replace(at, 0, other.substr(upTo(other.size()), 1 + upTo(200)));
                break;
            case 4:
                if (at < text.size()) text[at] = "0123456789 \t\n:%\"\\"[upTo(16)];
                break;
            default:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << upTo(7));
        }
    }
    return text.substr(0, 4096);
}

}  // namespace
}  // namespace netchat::fuzz

int main(int argc, char** argv) {
    using namespace netchat::fuzz;
    if (LLVMFuzzerInitialize) LLVMFuzzerInitialize(&argc, &argv);
    size_t mutants = 0;
    std::vector<fs::path> folders;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--mutants") == 0 && i + 1 < argc) {
            mutants = std::strtoull(argv[++i], nullptr, 10);
        } else {
            folders.emplace_back(argv[i]);
        }
    }
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(keepCurrent);
    for (const int number : {SIGABRT, SIGSEGV, SIGTRAP, SIGFPE, SIGILL}) {
        std::signal(number, onSignal);
    }

    const auto files = filesOf(folders);
    run({});
    for (const auto& file : files) run(file);
    std::mt19937_64 random(1);
    for (size_t i = 0; i < mutants; ++i) run(mutant(files, random));
    std::cout << files.size() << " files and " << mutants << " mutants hold\n";
    return 0;
}
