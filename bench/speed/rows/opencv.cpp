// OpenCV's SSIM as a child process: a line of fields between tabs in, a line of JSON out, as in peers.py.
// Rows: `opencv`, the code of OpenCV's own tutorial on SSIM, float32; `opencv-quality`, the class QualitySSIM of
// its contributed module on 8-bit images, if built with -DQUALITY. One thread.
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>
#ifdef QUALITY
#include <opencv2/quality/qualityssim.hpp>
#endif

struct Data {
  std::vector<cv::Mat> x, y, x8, y8;
};

static std::vector<float> read(const std::string &file, size_t count) {
  std::vector<float> values(count);
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char *>(values.data()), count * sizeof(float)))
    throw std::runtime_error("cannot read " + file);
  return values;
}

static void load(Data &data, const std::vector<std::string> &fields) {
  int batch = std::stoi(fields[1]), height = std::stoi(fields[2]), width = std::stoi(fields[3]),
      channels = std::stoi(fields[4]);
  size_t plane = size_t(height) * width * channels;
  data = Data();
  for (int which = 0; which < 2; which++) {
    std::vector<float> values = read(fields[5 + which], plane * batch);
    for (int n = 0; n < batch; n++) {
      cv::Mat image = cv::Mat(height, width, CV_32FC(channels), values.data() + n * plane).clone(), bytes;
      image.convertTo(bytes, CV_8U, 255);
      (which == 0 ? data.x : data.y).push_back(image);
      (which == 0 ? data.x8 : data.y8).push_back(bytes);
    }
  }
}

static double meanOf(const cv::Scalar &sums, int channels) {
  double total = 0;
  for (int c = 0; c < channels; c++) total += sums[c];
  return total / channels;
}

static double tutorial(const cv::Mat &x, const cv::Mat &y) {
  const double C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;
  const cv::Size size(11, 11);
  cv::Mat muX, muY, varianceX, varianceY, covariance, map;
  cv::GaussianBlur(x, muX, size, 1.5);
  cv::GaussianBlur(y, muY, size, 1.5);
  cv::Mat muXX = muX.mul(muX), muYY = muY.mul(muY), muXY = muX.mul(muY);
  cv::GaussianBlur(x.mul(x), varianceX, size, 1.5);
  varianceX -= muXX;
  cv::GaussianBlur(y.mul(y), varianceY, size, 1.5);
  varianceY -= muYY;
  cv::GaussianBlur(x.mul(y), covariance, size, 1.5);
  covariance -= muXY;
  cv::Mat t1 = 2 * muXY + cv::Scalar::all(C1), t2 = 2 * covariance + cv::Scalar::all(C2), t3 = t1.mul(t2);
  t1 = muXX + muYY + cv::Scalar::all(C1);
  t2 = varianceX + varianceY + cv::Scalar::all(C2);
  cv::divide(t3, t1.mul(t2), map);
  return meanOf(cv::mean(map), x.channels());
}

static double call(const Data &data, const std::string &row) {
  double total = 0;
  for (size_t n = 0; n < data.x.size(); n++) {
    if (row == "opencv") {
      total += tutorial(data.x[n], data.y[n]);
#ifdef QUALITY
    } else if (row == "opencv-quality") {
      cv::Scalar ssim = cv::quality::QualitySSIM::compute(data.x8[n], data.y8[n], cv::noArray());
      total += meanOf(ssim, data.x8[n].channels());
#endif
    } else {
      throw std::runtime_error("no row " + row);
    }
  }
  return total / data.x.size();
}

static std::string answer(Data &data, const std::vector<std::string> &fields) {
  std::ostringstream out;
  out.precision(12);
  if (fields[0] == "versions") {
#ifdef QUALITY
    out << "{\"opencv\": \"" << CV_VERSION << "\", \"quality\": 1}";
#else
    out << "{\"opencv\": \"" << CV_VERSION << "\", \"quality\": null}";
#endif
  } else if (fields[0] == "load") {
    load(data, fields);
    out << "{}";
  } else if (fields[0] == "check") {
    out << "{\"number\": " << call(data, fields[1]) << "}";
  } else {
    int repeats = std::stoi(fields[3]);
    double sink = 0;
    auto start = std::chrono::steady_clock::now();
    for (int k = 0; k < repeats; k++) sink += call(data, fields[1]);
    std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    out << "{\"ms\": " << spent.count() << ", \"sum\": " << sink << "}";
  }
  return out.str();
}

int main() {
  cv::setNumThreads(1);
  Data data;
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    try {
      std::cout << answer(data, fields) << std::endl;
    } catch (const std::exception &error) {
      std::string what = error.what();
      for (char &c : what)
        if (c == '"' || c == '\\' || c < ' ') c = ' ';
      std::cout << "{\"error\": \"" << what << "\"}" << std::endl;
    }
  }
}
