#include "modes/connect/screen/terminal/grid.h"

#include <algorithm>
#include <utility>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {

Grid::Grid(int width, int height)
    : width_(std::max(width, 0)),
      height_(std::max(height, 0)),
      cells_(static_cast<size_t>(width_) * static_cast<size_t>(height_)) {
}

int Grid::put(int x, int y, std::string_view safeText, const Style& style, int endX) {
    const int limit = std::min(endX, width_);
    while (x < limit && !safeText.empty()) {
        const Cluster cluster = nextCluster(safeText);
        if (x + cluster.columns > limit) break;
        if (cluster.columns == 0) continue;
        set(x, y, {std::string(cluster.text), cluster.columns, cluster.certain, style});
        x += cluster.columns;
    }
    return x;
}

void Grid::fill(int x, int y, int endX, const Style& style) {
    const int limit = std::min(endX, width_);
    for (x = std::max(x, 0); x < limit; ++x) set(x, y, {.style = style});
}

void Grid::goOnBelow(int y) {
    if (y < 0 || y + 1 >= height_) return;
    goOn_.resize(static_cast<size_t>(height_));
    goOn_[static_cast<size_t>(y)] = true;
}

uint32_t Grid::addLink(std::string_view address) {
    if (address.empty()) return 0;
    // The rows of one address come one after another.
    const auto known = std::find(links_.rbegin(), links_.rend(), address);
    if (known != links_.rend()) return static_cast<uint32_t>(links_.rend() - known);
    if (links_.size() == kLinksMax) return 0;
    links_.emplace_back(address);
    return static_cast<uint32_t>(links_.size());
}

void Grid::renumberLinks(const std::vector<uint32_t>& numbers) {
    for (Cell& cell : cells_) {
        if (cell.style.link != 0) cell.style.link = numbers[cell.style.link - 1];
    }
}

// Draws one cluster, and spaces for what it leaves of those that were there.
void Grid::set(int x, int y, Cell drawn) {
    const int end = x + drawn.columns;
    if (end <= 0 || y < 0 || y >= height_) return;
    if (x < 0) return set(0, y, {.style = drawn.style});
    cutBefore(x, y);
    cutBefore(end, y);
    if (drawn.columns == 2) cell(x + 1, y) = {"", 0, drawn.certain, drawn.style};
    cell(x, y) = std::move(drawn);
}

// A cluster that stands on both sides of this edge of a cell becomes two spaces.
void Grid::cutBefore(int x, int y) {
    if (x <= 0 || x >= width_ || cell(x, y).columns != 0) return;
    for (int half : {x - 1, x}) cell(half, y) = {.style = cell(half, y).style};
}

}  // namespace netchat::connect
