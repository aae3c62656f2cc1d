#pragma once

// A file system of its own, so small that a test can fill it. Where none can be mounted, mounted()
// is false, and the test is skipped.

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace netchat::test {

class SmallDisk {
  public:
    // `size` as of tmpfs: "64k", "2m".
    SmallDisk(std::filesystem::path path, const std::string& size) : path_(std::move(path)) {
        std::filesystem::create_directories(path_);
        mounted_ =
            ::mount("netchat-test", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

    // Until nothing more can be written, not even a byte.
    void fill(const std::string& name = "filler") const {
        std::ofstream file(path_ / name, std::ios::binary | std::ios::app);
        for (const size_t piece : {size_t{65536}, size_t{4096}, size_t{1}}) {
            const std::string bytes(piece, 'f');
            while (file.write(bytes.data(), static_cast<std::streamsize>(piece)).flush()) {
            }
            file.clear();
        }
    }
    void empty(const std::string& name = "filler") const { std::filesystem::remove(path_ / name); }

  private:
    std::filesystem::path path_;
    bool mounted_ = false;
};

}  // namespace netchat::test
